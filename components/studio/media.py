"""The files of a result in the browser: pictures, players, downloads. A custom component that gets data
only (media.js); without the route for files, Streamlit's own elements show small ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path

import streamlit as st

from backend.studio import meshes
from backend.studio.shelf import MB, KeptFile, Shelf
from backend.studio.task import Task
from backend.types import JSON
from backend.untrusted import Object, string
from components.elements.markdown import plain
from components.session import tab
from components.studio import words
from components.studio.route import TabLinks
from components.view import component

_HERE = Path(__file__).parent
_WORDS: dict[str, JSON] = {
    "download": words.DOWNLOAD,
    "arrives": words.ARRIVES,
    "turn": words.TURN,
    "draw": words.DRAW_MESH,
    "slow": words.SLOW_MESH,
    "undrawn": words.UNDRAWN,
    "close": words.CLOSE,
    "before": words.BEFORE,
    "after": words.AFTER,
    "compare": words.COMPARE,
    "share": words.COMPARE_SHARE,
    "goOn": words.GO_ON_FRAME,
    "taking": words.FRAME_TAKING,
    "untaken": words.FRAME_FAILED,
    "box": words.BOX,
    "boxes": words.BOXES,
}
_WITHOUT_ROUTE = 20 * MB  # bytes of a file that goes through Streamlit's memory


@cache
def _component() -> Callable[..., object]:
    """The component, registered once per process."""
    return st.components.v2.component(
        "studio_media", css=(_HERE / "media.css").read_text("utf-8"), js=(_HERE / "media.js").read_text("utf-8")
    )


@cache
def _viewer() -> str:
    """The script of the mesh viewer, whose address changes with its content."""
    bundle = component.BUNDLE.with_name("mesh.js")
    return f"{bundle.name}?{hashlib.sha256(bundle.read_bytes()).hexdigest()[:12]}"


def draw(
    files: Sequence[Object],
    shelf: Shelf,
    name: str,
    key: str,
    before: KeptFile | None = None,
    take: Callable[[str], None] | None = None,
) -> None:
    """The files of one result; `name` is the file name for downloads, without an extension. `before`: the
    picture that those among them which are pictures were made of. `take` is given the last frame of a clip, as a
    data URI, when a visitor wants to go on from it. A file may have `boxes`, as backend/studio/ocr_boxes.py gives
    them.
    """
    shown: list[dict[str, JSON]] = []
    for number, file in enumerate(files, 1):
        if "problem" in file:
            _problem(file)
            continue
        kept = shelf.find(string(file.get("id")))
        if kept is None:
            st.caption(words.GONE)
            continue
        ending = f"-{number}" if len(files) > 1 else ""
        title = f"{name}{ending}.{kept.type.ending}"
        if address := tab.one(TabLinks).of(kept, title):
            shown.append(_media_item(kept, title, address))
            if kept.type.ending == "glb":
                _mark_mesh(shown, kept)
            elif kept.type.show == "video":
                shown[-1]["frame"] = take is not None
            elif "boxes" in file and kept.type.show == "image":
                shown[-1] |= {"boxes": file["boxes"], "pixels": bool(file.get("pixels"))}
            elif before and kept.type.show == "image":
                shown[-1]["before"] = tab.one(TabLinks).of(before, f"{name}-before.{before.type.ending}")
        else:
            _here(kept, title, f"{key}.{number}")
    if shown:
        _mount(shown, key, take=take)
    for file in files:
        if caption := string(file.get("about")):
            st.caption(words.REWRITTEN.format(prompt=plain(caption[:600])))


def frames(shapes: Sequence[float], key: str) -> None:
    """Placeholders for pictures until they arrive: width divided by height of each."""
    if shapes:
        _mount([{"url": "", "show": "frame", "name": "", "bytes": 0, "shape": shape} for shape in shapes], key)


def input_picture(task: Task, shelf: Shelf) -> KeptFile | None:
    """The first picture that was uploaded for a run; None if it is gone, or only a link."""
    given = [one for name, several in task.files.items() if name != "mask" for one in several]
    found = shelf.find(given[0].id) if given else None
    return found if found and found.type.show == "image" else None


def _media_item(file: KeptFile, title: str, address: str) -> dict[str, JSON]:
    return {"url": address, "show": file.type.show, "name": title, "bytes": file.bytes}


def _mark_mesh(shown: list[dict[str, JSON]], mesh: KeptFile) -> None:
    """The last item is a mesh: whether it is drawn, or why not."""
    if problem := meshes.trouble(mesh.path):
        st.caption(words.NOT_DRAWN.format(problem=problem))
    else:
        shown[-1]["show"] = "mesh"


def _mount(
    shown: Sequence[Mapping[str, JSON]], key: str, *, play: bool = False, take: Callable[[str], None] | None = None
) -> None:
    data: dict[str, JSON] = {"files": [dict(file) for file in shown], "words": _WORDS, "play": play}
    if any(file["show"] == "mesh" for file in shown):
        data["viewer"] = _viewer()
    callbacks = {"on_frame_change": partial(_frame, key, take)} if take else {}
    _component()(key=key, data=data, height="content", **callbacks)


def _frame(key: str, take: Callable[[str], None]) -> None:
    """A frame from the browser; None if it is behind."""
    if given := string(getattr(tab.value(key), "frame", None)):
        take(given)


def sound(file: KeptFile | None, name: str, key: str, *, growing: bool = False, play: bool = False) -> bool:
    """A player of one sound, even while it still grows; `play`: it starts automatically. False if there is
    nothing to play, or no route.
    """
    if file is None or file.type.show != "audio":
        return False
    title = f"{name}.{file.type.ending}"
    address = tab.one(TabLinks).of(file, title)
    if address:
        _mount([{**_media_item(file, title, address), "growing": growing}], key, play=play)
    return bool(address)


def _problem(file: Object) -> None:
    st.warning(words.NOT_FETCHED.format(problem=plain(string(file.get("problem")))), icon=":material/link_off:")
    if link := string(file.get("link")):
        st.caption(words.ITS_LINK)
        st.code(link, language=None, wrap_lines=True)


def _here(file: KeptFile, name: str, key: str) -> None:
    """Show it through Streamlit."""
    if file.bytes > _WITHOUT_ROUTE:
        st.caption(words.GONE)
        return
    if file.type.show == "image":
        st.image(file.path.read_bytes())
    elif file.type.show == "audio":
        st.audio(file.path.read_bytes())
    elif file.type.show == "video":
        st.video(file.path.read_bytes())
    st.download_button(
        words.DOWNLOAD, file.path.read_bytes, name, file.type.name, key=f"{key}.download", on_click="ignore"
    )
