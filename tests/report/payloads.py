"""Texts that try to become markup, and a result in which every text is one of them."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

PAYLOADS = (
    "<script>window.pwned=1</script>",
    "<ScRiPt>window.pwned=1</sCrIpT>",
    "</style><script>window.pwned=1</script>",
    "</title><script>window.pwned=1</script>",
    "</pre></code><script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<img src=x onerror=window.pwned=1//",
    "<svg onload=window.pwned=1>",
    "<svg><script>window.pwned=1</script></svg>",
    "<svg><animate onbegin=window.pwned=1 attributeName=x dur=1s>",
    "</text><script>window.pwned=1</script>",
    "</desc></svg><script>window.pwned=1</script>",
    "<body onload=window.pwned=1>",
    "<iframe src=javascript:window.pwned=1>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'>",
    "<object data=javascript:window.pwned=1>",
    "<embed src=javascript:window.pwned=1>",
    "<a href=javascript:window.pwned=1>x</a>",
    "javascript:window.pwned=1",
    "data:text/html,<script>window.pwned=1</script>",
    "<math><mtext><img src=x onerror=window.pwned=1>",
    "<details open ontoggle=window.pwned=1>",
    "<video><source onerror=window.pwned=1>",
    "<audio src=x onerror=window.pwned=1>",
    "<input autofocus onfocus=window.pwned=1>",
    "<marquee onstart=window.pwned=1>",
    "<form action=javascript:window.pwned=1><button>x",
    "<base href=https://example.invalid/>",
    "<link rel=stylesheet href=https://example.invalid/a.css>",
    "<link rel=attachment href=file:///etc/passwd>",
    "<meta http-equiv=refresh content='0;url=https://example.invalid/'>",
    "<style>*{background:url(https://example.invalid/a)}</style>",
    "<!--<script>window.pwned=1</script>-->",
    "--><script>window.pwned=1</script>",
    "<![CDATA[<script>window.pwned=1</script>]]>",
    "\"><script>window.pwned=1</script>",
    "'><script>window.pwned=1</script>",
    "\" onmouseover=window.pwned=1 x=\"",
    "' onmouseover=window.pwned=1 x='",
    "` onmouseover=window.pwned=1",
    "\" style=\"background:url(https://example.invalid/a)",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "&#60;script&#62;window.pwned=1&#60;/script&#62;",
    "{{ 7*191 }}",
    "{% include '/etc/passwd' %}",
    "{{ ''.__class__.__mro__ }}",
    "${7*191} #{7*191} <%= 7*191 %>",
    "\u202e<script>window.pwned=1</script>\u2066",
    "\x00<script\x00>window.pwned=1</script>",
    "\u2028window.pwned=1\u2029",
    "\uff1cscript\uff1ewindow.pwned=1\uff1c/script\uff1e",
    "<script>" * 50,
)  # fmt: skip


def poisoned(node: Any, annotation: Any, payload: str) -> Any:
    """The value with `payload` in the place of every string that is not one of a fixed list."""
    if isinstance(node, BaseModel):
        found = {
            name: poisoned(getattr(node, name), field.annotation, payload)
            for name, field in type(node).model_fields.items()
        }
        return type(node)(**found)
    if isinstance(node, tuple):
        return tuple(poisoned(item, (get_args(annotation) or (str,))[0], payload) for item in node)
    if isinstance(node, dict):
        values = [poisoned(value, get_args(annotation)[1], payload) for value in node.values()]
        return dict.fromkeys((payload,), values[-1]) if values else {}
    choices = [
        choice for one in (annotation, *get_args(annotation)) if get_origin(one) is Literal for choice in get_args(one)
    ]
    fixed = node in choices
    return payload if isinstance(node, str) and not fixed else node
