/* A disk that fails: the n-th write, fsync or rename below a folder returns an error instead.
 *
 * Loaded before the C library (LD_PRELOAD), so that it also stands between SQLite and the disk.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { WRITE, FSYNC, RENAME, KINDS };

static char below[PATH_MAX];
static int kind = -1, error, sticky;
static long at, seen[KINDS], failed;

/* From now on calls on files below `folder` are counted; the n-th of a kind fails, and with `more` all after it. */
void fault_arm(const char *folder, int of_kind, long n, int with, int more) {
  snprintf(below, sizeof below, "%s/", folder);
  kind = of_kind, at = n, error = with, sticky = more, failed = 0;
  memset(seen, 0, sizeof seen);
}

long fault_seen(int of_kind) { return seen[of_kind]; }
long fault_failed(void) { return failed; }

static int fails(int of_kind, const char *path) {
  if (!below[0] || strncmp(path, below, strlen(below))) return 0;
  long number = ++seen[of_kind];
  if (of_kind != kind || !(number == at || (sticky && number > at))) return 0;
  failed++;
  errno = error;
  return 1;
}

static int fails_on(int of_kind, int file) {
  char link[64], path[PATH_MAX];
  if (!below[0]) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return fails(of_kind, path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int file, const void *data, size_t size) {
  return fails_on(WRITE, file) ? -1 : REAL(write)(file, data, size);
}
ssize_t pwrite(int file, const void *data, size_t size, off_t place) {
  return fails_on(WRITE, file) ? -1 : REAL(pwrite)(file, data, size, place);
}
ssize_t pwrite64(int file, const void *data, size_t size, off64_t place) {
  return fails_on(WRITE, file) ? -1 : REAL(pwrite64)(file, data, size, place);
}
int fsync(int file) { return fails_on(FSYNC, file) ? -1 : REAL(fsync)(file); }
int fdatasync(int file) { return fails_on(FSYNC, file) ? -1 : REAL(fdatasync)(file); }
int rename(const char *old, const char *new) { return fails(RENAME, new) ? -1 : REAL(rename)(old, new); }
int renameat(int from, const char *old, int to, const char *new) {
  return fails(RENAME, new) ? -1 : REAL(renameat)(from, old, to, new);
}
