"""The checks of a suite in one table; the file format, the page and the exports follow from it.

Answers and checks are hostile: a regular expression or a JSON schema is evaluated in the child process that checks
schemas (backend/schema), which ends what takes too long. What could not be evaluated has not passed. "Graded" is
not decided here: a model is asked (grading.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from rapidfuzz.distance import Levenshtein

from backend import schema
from backend.answer import cost
from backend.compare.suite import tool_call_check
from backend.compare.suite.check import Answered, Check, Kind, short
from backend.schema.validation import faults
from backend.untrusted import number

TEXT = 20_000  # characters of a check's text
COMPARED = 100_000  # characters of an answer for a comparison by letters
SHARE = 0.8  # the default similarity
_NEVER = "does not match, or takes too long to be tried"


@dataclass(frozen=True)
class _Row:
    """A kind of check. `options`: fields of a Check besides its value. `wrong`: the problem of an invalid check, ""
    for none. `missed`: why an answer fails, "" if it passes; a negated check passes where this is not empty, except
    for "regex", which may be undecided.
    """

    words: Callable[[Check], str]
    wrong: Callable[[Check], str]
    missed: Callable[[Check, Answered], str]
    options: frozenset[str] = field(default_factory=frozenset)


def words(check: Check) -> str:
    """What the check requires, in plain words; it contains untrusted text."""
    description = _TABLE[check.kind].words(check)
    return f"not: {description}" if check.negated else description


def wrong(check: Check) -> str:
    """Why a check is invalid; "" if it is valid."""
    row = _TABLE[check.kind]
    defaults = Check(check.kind)
    for name in ("negated", "ignore_case", "tool", "threshold", "edits"):
        if name not in row.options and getattr(check, name) != getattr(defaults, name):
            return f"{check.kind} does not take {'not' if name == 'negated' else name}."
    return row.wrong(check)


def missed(check: Check, answered: Answered) -> str:
    """Why an answer fails a check that is not graded; "" if it passes."""
    why = _TABLE[check.kind].missed(check, answered)
    if not check.negated:
        return why
    if check.kind == "regex":  # "not matched" has to be certain
        return (
            ""
            if _surely_not(str(check.value), answered.text)
            else f"matches {short(check.value)}, or cannot be tried"
        )
    return "" if why else f"it does: {_TABLE[check.kind].words(check)}"


# ---- texts ------------------------------------------------------------------------------------------------


def _text_wrong(check: Check) -> str:
    if not isinstance(check.value, str) or not check.value:
        return "a text to compare with is missing."
    return f"its text is longer than {TEXT:,} characters." if len(check.value) > TEXT else ""


def _equals_wrong(check: Check) -> str:
    return "" if check.value == "" else _text_wrong(check)


def _contains_missed(check: Check, answered: Answered) -> str:
    text, wanted = answered.text, str(check.value)
    if check.ignore_case:
        text, wanted = text.lower(), wanted.lower()
    return "" if wanted in text else f"does not contain {short(check.value)}"


def _equals_missed(check: Check, answered: Answered) -> str:
    return "" if answered.text == str(check.value) else f"is not {short(check.value)}"


def _regex_wrong(check: Check) -> str:
    if problem := _text_wrong(check):
        return problem
    return "its text is no regular expression." if faults({"type": "string", "pattern": check.value}) else ""


def _regex_missed(check: Check, answered: Answered) -> str:
    excluded = schema.check(answered.text, {"not": {"type": "string", "pattern": check.value}})
    return "" if excluded and excluded[0].endswith("is excluded.") else _NEVER


def _surely_not(pattern: str, text: str) -> bool:
    reasons = schema.check(text, {"type": "string", "pattern": pattern})
    return any("does not match the pattern" in reason for reason in reasons)


def _similar_wrong(check: Check) -> str:
    if problem := _text_wrong(check):
        return problem
    if check.edits is not None:
        alone = check.threshold is None and check.edits >= 0
        return "" if alone else "edits is a number of letters, and takes the place of threshold."
    share = check.threshold
    return "" if share is None or 0 < share <= 1 else "its threshold is a share between 0 and 1."


def _similar_missed(check: Check, answered: Answered) -> str:
    text, wanted = answered.text, str(check.value)
    if len(text) > COMPARED:
        return "is too long to be compared"
    if check.edits is not None:
        edits = Levenshtein.distance(text, wanted)
        return "" if edits <= check.edits else f"{edits} letters differ, more than {check.edits}"
    share, least = Levenshtein.normalized_similarity(text, wanted), _share(check)
    return "" if share >= least else f"similar by {share:.0%}, less than {least:.0%}"


def _share(check: Check) -> float:
    return SHARE if check.threshold is None else check.threshold


# ---- JSON -------------------------------------------------------------------------------------------------


def _json_wrong(check: Check) -> str:
    if check.value is None:
        return ""
    if not isinstance(check.value, dict):
        return "its value is no JSON schema: an object is needed."
    if check.negated:
        return "a schema cannot be negated here: write it into the schema."
    found = faults(check.value)
    return f"its schema is not sound: {'.'.join(map(str, found[0][0]))} {found[0][1]}"[:300] if found else ""


def _json_missed(check: Check, answered: Answered) -> str:
    wanted = check.value if isinstance(check.value, dict) else {}
    return " ".join(schema.answer(answered.text, wanted)[:3])


# ---- limits -----------------------------------------------------------------------------------------------


def _limit_wrong(check: Check) -> str:
    limit = number(check.value)
    return "its value is a number, 0 or more." if limit is None or limit < 0 else ""


def _limit(check: Check) -> float:
    """The limit of a check that `_limit_wrong` accepted."""
    return number(check.value) or 0.0


def _length_missed(check: Check, answered: Answered) -> str:
    size, most = len(answered.text), _limit(check)
    return "" if size <= most else f"{size:,} characters, more than {most:,g}"


def _cost_missed(check: Check, answered: Answered) -> str:
    usd, most = cost.usd(answered.message), _limit(check)
    if usd is None:
        return "what it cost is not known"
    return "" if usd <= most else f"{cost.dollars(usd)}, more than {cost.dollars(most)}"


def _seconds_missed(check: Check, answered: Answered) -> str:
    total, most = answered.message.timing.total, _limit(check)
    if total is None:
        return "how long it took is not known"
    return "" if total <= most else f"{total:.1f} s, more than {most:g} s"


# ---- the table --------------------------------------------------------------------------------------------


def _similar_words(check: Check) -> str:
    how = f"{check.edits} letters" if check.edits is not None else f"{_share(check):.0%}"
    return f"similar to {short(check.value)} ({how})"


def _graded_wrong(check: Check) -> str:
    share = check.threshold
    return _text_wrong(check) or ("" if share is None or 0 <= share <= 1 else "its threshold is between 0 and 1.")


def _not_here(check: Check, answered: Answered) -> str:
    return "it was not graded"


def _case(check: Check) -> str:
    return f"contains {short(check.value)}" + (", in any case" if check.ignore_case else "")


_NOT = frozenset({"negated"})
_TABLE: dict[Kind, _Row] = {
    "contains": _Row(_case, _text_wrong, _contains_missed, _NOT | {"ignore_case"}),
    "equals": _Row(lambda check: f"equals {short(check.value)}", _equals_wrong, _equals_missed, _NOT),
    "regex": _Row(lambda check: f"matches {short(check.value)}", _regex_wrong, _regex_missed, _NOT),
    "json": _Row(
        lambda check: "is JSON" + (" of the schema" if check.value is not None else ""),
        _json_wrong,
        _json_missed,
        _NOT,
    ),
    "max_length": _Row(lambda check: f"at most {check.value} characters", _limit_wrong, _length_missed),
    "max_cost": _Row(lambda check: f"costs at most ${check.value}", _limit_wrong, _cost_missed),
    "max_seconds": _Row(lambda check: f"takes at most {check.value} s", _limit_wrong, _seconds_missed),
    "calls": _Row(tool_call_check.words, tool_call_check.wrong, tool_call_check.missed, _NOT | {"tool"}),
    "similar": _Row(_similar_words, _similar_wrong, _similar_missed, frozenset({"threshold", "edits"})),
    "graded": _Row(
        lambda check: f"graded: {short(check.value)}", _graded_wrong, _not_here, frozenset({"threshold"})
    ),
}
