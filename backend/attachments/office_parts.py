"""The parts of an Office file: XML files in a zip, with relations. XML entities are not expanded."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Mapping
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import parse


def local(name: str) -> str:
    """The name of an element or attribute without its namespace: Office has two sets of namespaces."""
    return name.rpartition("}")[2]


def attribute(element: Element, name: str) -> str:
    """An attribute in any namespace; "" if it is absent."""
    return next((value for key, value in element.items() if local(key) == name), "")


def tree(archive: zipfile.ZipFile, part: str) -> Element | None:
    """A part as a tree of elements; None if the file has no such part."""
    try:
        with archive.open(part) as file:
            root: Element | None = parse(file).getroot()
            return root
    except KeyError:
        return None


def relations(archive: zipfile.ZipFile, part: str) -> Mapping[str, tuple[str, str]]:
    """The relations of a part by id: the kind ("footnotes") and the target, a part of the file or an address."""
    folder, name = posixpath.split(part)
    root = tree(archive, posixpath.join(folder, "_rels", f"{name}.rels"))
    found = {}
    for one in root if root is not None else ():
        target = one.get("Target", "")
        if one.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        found[one.get("Id", "")] = (one.get("Type", "").rpartition("/")[2], target)
    return found


def main_part(archive: zipfile.ZipFile, usual: str) -> str:
    """The name of the part with the document itself."""
    targets = [target for kind, target in relations(archive, "").values() if kind == "officeDocument"]
    return next(iter(targets), usual)
