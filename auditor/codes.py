"""The catalogue of error codes: stable names that messages carry and `auditor explain` explains.

AUD0xx  the file and its YAML
AUD1xx  the version and the fields
AUD2xx  what one part of the document says about another
AUD3xx  data, models and pipelines that the document names

A code never changes its meaning and is never given out twice.
"""

from __future__ import annotations

from typing import Final

UNREADABLE_FILE: Final = "AUD001"
FILE_TOO_LARGE: Final = "AUD002"
NOT_UTF8: Final = "AUD003"
FORBIDDEN_CHARACTER: Final = "AUD004"
YAML_SYNTAX: Final = "AUD005"
TOO_DEEP: Final = "AUD006"
TOO_MANY_NODES: Final = "AUD007"
SEVERAL_DOCUMENTS: Final = "AUD008"
EMPTY_DOCUMENT: Final = "AUD009"
NOT_A_MAPPING: Final = "AUD010"
DUPLICATE_KEY: Final = "AUD011"
ALIAS: Final = "AUD012"
MERGE_KEY: Final = "AUD013"
TAG: Final = "AUD014"
KEY_NOT_TEXT: Final = "AUD015"
NUMBER_TOO_LARGE: Final = "AUD016"
EXTENDS_CYCLE: Final = "AUD017"
EXTENDS_TOO_MUCH: Final = "AUD018"

MISSING_VERSION: Final = "AUD101"
NEWER_VERSION: Final = "AUD102"
BAD_VERSION: Final = "AUD103"
UNKNOWN_KEY: Final = "AUD104"
MISSING_KEY: Final = "AUD105"
WRONG_TYPE: Final = "AUD106"
NOT_A_CHOICE: Final = "AUD107"
OUT_OF_RANGE: Final = "AUD108"
UNKNOWN_KIND: Final = "AUD109"
MISSING_KIND: Final = "AUD110"
TEXT_LENGTH: Final = "AUD111"
TEXT_PATTERN: Final = "AUD112"
LIST_LENGTH: Final = "AUD113"
REFUSED_VALUE: Final = "AUD114"
MORE_PROBLEMS: Final = "AUD199"

DUPLICATE_NAME: Final = "AUD201"
UNKNOWN_INTERVENTION: Final = "AUD202"
UNKNOWN_MODEL: Final = "AUD203"
UNKNOWN_CONCEPT: Final = "AUD204"
UNKNOWN_ANALYSIS: Final = "AUD205"
UNKNOWN_DETECTOR: Final = "AUD206"
BOUND_COUNT: Final = "AUD207"
IMPORTANCE_BOUND_COUNT: Final = "AUD208"
MODEL_WITHOUT_TARGET: Final = "AUD209"
DETECTOR_WITH_TARGET: Final = "AUD210"
GATE_WITHOUT_DETECTOR: Final = "AUD211"
TOO_FEW_SWAPS: Final = "AUD212"
SAME_PHRASE: Final = "AUD213"
SAME_COLUMN: Final = "AUD214"
PHRASE_HOLDS_JOIN: Final = "AUD215"
DETECTOR_IS_MODEL: Final = "AUD216"
SAME_BACKBONE: Final = "AUD217"
NOT_MEASURED: Final = "AUD218"
REPEATED_ENTRY: Final = "AUD219"
SECOND_SIGNIFICANCE: Final = "AUD220"
RESERVED_PROFILE: Final = "AUD221"
CONCEPT_FIELDS: Final = "AUD222"
NOT_PERMUTABLE: Final = "AUD223"
TEMPLATE_SLOT: Final = "AUD224"
NOT_IN_CAPTION: Final = "AUD225"
NO_TABLE_OF_PERMUTATIONS: Final = "AUD226"
MEAN_OF_CATEGORY: Final = "AUD227"
EXCUSE_OF_MODEL: Final = "AUD228"
UNKNOWN_SUBGROUP: Final = "AUD229"
SEVERAL_TASKS: Final = "AUD231"
METRIC_UNFIT: Final = "AUD232"
UNKNOWN_PROPERTY: Final = "AUD233"
SWEEP_POINTS: Final = "AUD234"
EFFECT_COUNT: Final = "AUD235"
CONTROL_IS_PROPERTY: Final = "AUD236"
TOO_FEW_CONTROLS: Final = "AUD237"
KIND_UNFIT: Final = "AUD238"
NEEDS_CONCEPTS: Final = "AUD239"
LABEL_IS_CONCEPT: Final = "AUD241"
PLACEHOLDER: Final = "AUD242"
CHECKS_NOTHING: Final = "AUD243"

FOLDER_MISSING: Final = "AUD301"
TABLE_MISSING: Final = "AUD302"
TABLE_MALFORMED: Final = "AUD303"
COLUMN_MISSING: Final = "AUD304"
CONCEPT_WITHOUT_VARIATION: Final = "AUD305"
LABEL_WITHOUT_VARIATION: Final = "AUD306"
VALUE_NOT_BINARY: Final = "AUD307"
TOO_FEW_ROWS: Final = "AUD308"
CLUSTER_MISSING: Final = "AUD309"
DUPLICATE_PICTURE: Final = "AUD310"
PICTURE_MISSING: Final = "AUD311"
PICTURE_UNREADABLE: Final = "AUD312"
PICTURE_TOO_LARGE: Final = "AUD313"
SOURCE_OUTSIDE: Final = "AUD314"
DIGEST_MISMATCH: Final = "AUD315"
UNKNOWN_BUILTIN: Final = "AUD316"
UNPINNED_REVISION: Final = "AUD317"
NOT_IN_CACHE: Final = "AUD318"
VALUE_NOT_COUNT: Final = "AUD319"
VALUE_NOT_DECLARED: Final = "AUD320"
NO_SAFETENSORS: Final = "AUD321"
PICKLED_WEIGHTS: Final = "AUD322"
WEIGHTS_UNREADABLE: Final = "AUD323"
CONFIG_UNREADABLE: Final = "AUD324"
UNSUPPORTED_CLASS: Final = "AUD325"
REMOTE_CODE: Final = "AUD326"
UNKNOWN_TARGET: Final = "AUD327"
OUTPUT_LABELS: Final = "AUD328"
DETECTOR_OUTPUT_MISSING: Final = "AUD329"
SHARED_BACKBONE: Final = "AUD330"
PYTHON_NOT_ALLOWED: Final = "AUD331"
PYTHON_ENTRY: Final = "AUD332"
TEST_OUT_OF_REACH: Final = "AUD333"
TOO_MANY_SUBGROUPS: Final = "AUD334"
CAPTION_TOO_LONG: Final = "AUD341"
PICTURE_SIZE: Final = "AUD342"
CAPTION_TABLE: Final = "AUD343"
CAPTION_MISSING: Final = "AUD344"
NOT_A_PERMUTATION: Final = "AUD345"
SWEEP_VALUES: Final = "AUD346"
CHECKPOINTS: Final = "AUD347"
MASKS_MISSING: Final = "AUD351"
MASK_MALFORMED: Final = "AUD352"
MASK_SIZE: Final = "AUD353"
BLACK_BOX: Final = "AUD354"
NO_FEATURE_MAP: Final = "AUD355"
OVERLAY_OPAQUE: Final = "AUD356"
OUTPUT_SCALE: Final = "AUD361"
LABEL_UNFIT: Final = "AUD362"
CLASS_NOT_AN_OUTPUT: Final = "AUD363"
NOT_PERMITTED: Final = "AUD371"
MODEL_UNUSABLE: Final = "AUD372"
PYTHON_FAILED: Final = "AUD373"

EXPLANATIONS: Final[dict[str, str]] = {
    UNREADABLE_FILE: "The document cannot be read: it is not there, is no file, or may not be opened.",
    FILE_TOO_LARGE: "A document and the files it extends hold at most 1 MiB; an audit needs a hundredth of that.",
    NOT_UTF8: "A document is UTF-8 text, so that it reads the same on every machine.",
    FORBIDDEN_CHARACTER: "Control characters are refused, since a reviewer cannot see them.",
    YAML_SYNTAX: "The text is not YAML; the position is where reading stopped, the fault is there or just before.",
    TOO_DEEP: "Lists and mappings may be nested 64 deep; an audit needs about six.",
    TOO_MANY_NODES: "A document and the files it extends hold at most 50,000 keys and values.",
    SEVERAL_DOCUMENTS: "One file is one audit: a second document after `---` would be easy to overlook.",
    EMPTY_DOCUMENT: "The file holds no document, only blanks or comments.",
    NOT_A_MAPPING: "A document is a mapping of keys to values that begins with `version: 1`.",
    DUPLICATE_KEY: "A key stands twice in one mapping; YAML readers keep one of the two without a word.",
    ALIAS: "Anchors (`&name`) and aliases (`*name`) are refused: a reader must see each value where it counts.",
    MERGE_KEY: "Merge keys (`<<:`) are refused: a reader must see each value where it counts.",
    TAG: "YAML tags (`!name`) are refused: values have the types that the audit's schema gives them.",
    KEY_NOT_TEXT: "Keys are text; a number, a list or nothing at all cannot be a key.",
    NUMBER_TOO_LARGE: "A number has to fit in 64 bits; text that looks like a number belongs in quotes.",
    EXTENDS_CYCLE: "A file that extends itself, or one that extends it, would have no beginning.",
    EXTENDS_TOO_MUCH: "Files may extend one another 5 deep and 16 in all: a reviewer must be able to follow them.",
    MISSING_VERSION: "The document must say which version of the language it is written in: `version: 1`.",
    NEWER_VERSION: "The document is written for a newer auditor; upgrade, or its keys would be misread.",
    BAD_VERSION: "The version is a whole number, and this auditor reads version 1.",
    UNKNOWN_KEY: "Unknown keys are errors: a misspelt key that is dropped would leave a default in force.",
    MISSING_KEY: "A key without a default is missing.",
    WRONG_TYPE: 'The value has another type than the key wants; types are strict, and `200` is not `"200"`.',
    NOT_A_CHOICE: "The key takes one of a few words, and this is none of them.",
    OUT_OF_RANGE: "The number lies outside the range that makes sense for the key.",
    UNKNOWN_KIND: "There is no part of that kind; `kind:` or `adapter:` chooses which keys an entry may have.",
    MISSING_KIND: "The entry does not say of which kind it is, so its keys cannot be read.",
    TEXT_LENGTH: "The text is shorter or longer than the key allows.",
    TEXT_PATTERN: "The text has characters, or an order of them, that the key does not allow.",
    LIST_LENGTH: "The list has fewer or more entries than the key allows.",
    REFUSED_VALUE: "The value breaks a rule of its own kind, which the message states.",
    MORE_PROBLEMS: "At most 50 problems are shown at once.",
    DUPLICATE_NAME: "Names are how parts refer to each other, so each is given out once in its list.",
    UNKNOWN_INTERVENTION: "An analysis names an intervention that the document does not declare.",
    UNKNOWN_MODEL: "A model is named that the document does not declare under `models:`.",
    UNKNOWN_CONCEPT: "A concept is named that the document does not declare under `concepts:`.",
    UNKNOWN_ANALYSIS: "An analysis is named that the document does not declare under `analyses:`.",
    UNKNOWN_DETECTOR: "A check names a detector that the document does not declare under `detectors:`.",
    BOUND_COUNT: "A requirement promises one thing: exactly one of `flips`, `importance` and `response`.",
    IMPORTANCE_BOUND_COUNT: "A bound on importance is exactly one of `at_least`, `at_most` and `within`.",
    MODEL_WITHOUT_TARGET: "An audited model needs `target`, the output that is audited: a label or an index.",
    DETECTOR_WITH_TARGET: "A detector reports concepts, each by its own output; it has no `target` or `label`.",
    GATE_WITHOUT_DETECTOR: "The check asks a detector which concepts a picture shows, and none is declared.",
    TOO_FEW_SWAPS: "With few swaps the smallest p-value, times the number of concepts, stays above alpha: "
    "nothing could ever be found.",
    SAME_PHRASE: "Two concepts with one phrase cannot be told apart in a caption.",
    SAME_COLUMN: "Two concepts read one column, so they would be the same concept counted twice.",
    PHRASE_HOLDS_JOIN: "A phrase that holds the caption's `join` reads as two concepts.",
    DETECTOR_IS_MODEL: "A detector that is the audited model would confirm whatever that model believes.",
    SAME_BACKBONE: "A detector on the audited model's backbone shares its blind spots.",
    NOT_MEASURED: "The requirement is about a model, concept or property that its analysis leaves out.",
    REPEATED_ENTRY: "A list names the same thing twice.",
    SECOND_SIGNIFICANCE: "Two `significance` checks of one analysis would give its findings two levels.",
    RESERVED_PROFILE: "A numerics profile with settings of its own must not be mistaken for `default` or `reference`.",
    CONCEPT_FIELDS: "A concept has the keys that its kind needs, and none that its kind would ignore.",
    NOT_PERMUTABLE: "A text is kept in the caption as it is; dealing it out anew would change everything it says.",
    TEMPLATE_SLOT: "A slot of a caption's template is the name of a concept in braces, and nothing more.",
    NOT_IN_CAPTION: "Permuting a concept that no caption holds would change nothing, and look like no reliance.",
    MEAN_OF_CATEGORY: "Values of a category have no direction, so that opposite responses cancel in their mean.",
    NO_TABLE_OF_PERMUTATIONS: "Permutations can be taken from a table only where the caption has one that holds them.",
    EXCUSE_OF_MODEL: "A detector may say why it shares an audited model's backbone; an audited model shares nothing.",
    UNKNOWN_SUBGROUP: "A requirement is about a subgroup, and its analysis names no column, or no row has that value.",
    SEVERAL_TASKS: "The label is one column, and one metric needs it to be 0 or 1, another a class or a number.",
    METRIC_UNFIT: "A metric needs labels and scores of its own kind: 0 or 1 with probabilities, classes, or numbers.",
    UNKNOWN_PROPERTY: "An intervention realises, or a requirement is about, a property that is not declared.",
    SWEEP_POINTS: "A sweep has one number that is swept, at three points or more that rise.",
    EFFECT_COUNT: "A composite blends in exactly one effect, over one region.",
    CONTROL_IS_PROPERTY: "A control that is the property itself, or another control renamed, shows nothing new.",
    TOO_FEW_CONTROLS: "How much irrelevant changes move a score takes at least three controls to see.",
    KIND_UNFIT: "The parts do not belong together: each analysis has interventions, checks and bounds of its own kind.",
    NEEDS_CONCEPTS: "Permutation importance needs concepts, and a data set with a label.",
    LABEL_IS_CONCEPT: "A concept that is the label would be told to the generator as the answer itself.",
    PLACEHOLDER: "What `auditor init` writes in capitals is for the author to replace, and would stand in the report.",
    CHECKS_NOTHING: "A gate that looks at nothing would hold whatever happens.",
    FOLDER_MISSING: "A folder or file that the document names is not there.",
    TABLE_MISSING: "A data set is a folder with a table `metadata.csv`, and there is none.",
    TABLE_MALFORMED: "The table is no CSV in UTF-8 with `file_name` first and one value per column.",
    COLUMN_MISSING: "The table has no column of the name that the document gives.",
    CONCEPT_WITHOUT_VARIATION: "Every row has the same value of the concept, so there is nothing to permute.",
    LABEL_WITHOUT_VARIATION: "Every row has the same label, so performance does not exist.",
    VALUE_NOT_BINARY: "Labels and presences are 0 or 1 in every row.",
    VALUE_NOT_COUNT: "Counts are whole numbers from 0 in every row.",
    VALUE_NOT_DECLARED: "A category has one of its declared values in every row.",
    TOO_FEW_ROWS: "The table has fewer rows than the document asks for, or than statistics need.",
    CLUSTER_MISSING: "A row does not say which source it comes from.",
    DUPLICATE_PICTURE: "A picture stands in two rows, which would count it twice.",
    PICTURE_MISSING: "The table names a picture that is not in the folder.",
    PICTURE_UNREADABLE: "A picture is truncated, or no PNG, JPEG or WebP.",
    PICTURE_TOO_LARGE: "A picture has more pixels than are read, which guards against image bombs.",
    SOURCE_OUTSIDE: "A document reads nothing outside its project: the git repository around it, or its own folder.",
    DIGEST_MISMATCH: "The files are not the ones that the document was written for.",
    UNKNOWN_BUILTIN: "There is no bundled model or data set of that name.",
    UNPINNED_REVISION: "A repository is named with `@` and a commit of 40 hexadecimal digits, so it cannot change.",
    NOT_IN_CACHE: "The repository's commit is not in the local cache, and nothing is downloaded during an audit.",
    NO_SAFETENSORS: "The folder holds no weights in the safetensors format, the only one that is read.",
    PICKLED_WEIGHTS: "Pickled weights can run code when they are loaded, and are never read.",
    WEIGHTS_UNREADABLE: "The weights file is truncated, or no safetensors file.",
    CONFIG_UNREADABLE: "The folder's configuration is missing, or not the JSON that its library writes.",
    UNSUPPORTED_CLASS: "The folder holds a model or pipeline of a class that auditor does not run.",
    REMOTE_CODE: "The folder asks for code of its own to be run, which is never done.",
    UNKNOWN_TARGET: "The model has no output of that label or index.",
    OUTPUT_LABELS: "The model's output labels are missing, repeated, or not as many as its outputs.",
    DETECTOR_OUTPUT_MISSING: "The detector has no output for a concept.",
    SHARED_BACKBONE: "The detector holds weights of the audited model, and would share its blind spots.",
    PYTHON_NOT_ALLOWED: "The python adapter runs code, and only when the command line says `--allow-python`.",
    PYTHON_ENTRY: "The file has no such function, or it does not return what the adapter's contract says. "
    "The source is `file.py:function`, a function at the top level of the file, called as "
    "`function(images) -> scores`: images is a numpy array (n, height, width, 3) of uint8, RGB, all of one size in a "
    "call and as they are (resizing is the function's own); scores is an array of floats (n, number of `outputs`), a "
    "row for each picture. Scores are logits, log(p / (1 - p)) of a probability p: with `multi_label: true` each "
    "output has a sigmoid of its own, with false a softmax goes over all. n is the same in every call.",
    TEST_OUT_OF_REACH: "So few rows or clusters have so few patterns of swaps that no p-value reaches alpha.",
    TOO_MANY_SUBGROUPS: "A column with very many values groups nothing, and no number could be told of each.",
    NOT_PERMITTED: "A file or folder is there, and the user who runs auditor may not read it.",
    MODEL_UNUSABLE: "The model's library cannot load it, or not score a picture of the data set with it; every model "
    "is tried so before anything is generated.",
    PYTHON_FAILED: "The author's function raised an error, or ended its process, when it was called on pictures of the "
    "data set, which is done before anything is generated; its contract: `auditor explain AUD332`.",
    CAPTION_TOO_LONG: "A caption is longer than the text encoder reads; its last concepts would be dropped.",
    CAPTION_TABLE: "A table of captions names declared concepts and their values, and gives each one caption.",
    CAPTION_MISSING: "A table of captions holds one for every row, concept and value, and deals to every row.",
    NOT_A_PERMUTATION: "A permutation deals out the values that the rows have, no more of any and no fewer.",
    PICTURE_SIZE: "The pipeline cannot make pictures of that size.",
    SWEEP_VALUES: "A captured sweep has three photographs or more, each with a measured value of its own.",
    CHECKPOINTS: "A pattern stands for the checkpoints of trainings: folders with a number, at equal distances.",
    MASKS_MISSING: "Rankings by relevance maps need a mask for every picture and a value for every concept.",
    MASK_MALFORMED: "A mask is a PNG of one channel whose values say which concept stands in a pixel.",
    MASK_SIZE: "A mask of another size than its picture would be laid over the wrong pixels.",
    BLACK_BOX: "The oracle reads how a model adds up its own concepts, and this model does not show that.",
    OVERLAY_OPAQUE: "An overlay without transparency over whole pictures leaves nothing of them at full opacity.",
    NO_FEATURE_MAP: "The relevance map needs gradients, a layer that keeps places, or activations that are used once.",
    OUTPUT_SCALE: "`output: value` is for models that predict a number, and only for them.",
    LABEL_UNFIT: "The label is not what the metric needs: a number that can be read, or the name of a class.",
    CLASS_NOT_AN_OUTPUT: "Labels are compared with a model's outputs by name, so each class must be one of them.",
}
