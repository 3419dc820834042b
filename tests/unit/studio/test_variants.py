"""A run once more: with another seed, or as another model takes the same input."""

from __future__ import annotations

import pytest

from backend.studio import chat_models, models, variants
from backend.studio.families import FAMILIES
from backend.studio.models import StudioModel
from backend.studio.task import Given, Task
from backend.types import JSON

OWN = FAMILIES["image"].own


def model(id_: str) -> StudioModel:
    found = models.find(id_)
    assert found
    return found


def test_a_seed_by_chance_is_one_that_the_model_takes() -> None:
    task = Task("image", "flux/schnell", OWN.path, body={"model": "flux/schnell", "prompt": "A fox", "seed": 7})
    seeds = {variants.seeded(task, model("flux/schnell")).body["seed"] for _ in range(20)}
    assert len(seeds) > 15 and all(isinstance(seed, int) and 1 <= seed < 2**31 for seed in seeds)


def test_another_model_gets_the_input_and_unknown_fields_are_named() -> None:
    body = {"model": "flux/schnell", "prompt": "A fox", "num_images": 2, "num_inference_steps": 3, "seed": 5}
    fitted = variants.fitted(Task("image", "flux/schnell", OWN.path, body=body), model("recraft-v3"), OWN)
    assert fitted.task.body == {"model": "recraft-v3", "prompt": "A fox"}, "one picture at most, and no steps"
    assert set(fitted.left_out) == {"num_images", "num_inference_steps", "seed"}


def test_pictures_go_in_the_way_that_the_other_model_takes_them() -> None:
    given, kontext = (Given("1" * 32, "a.png"),), "flux/kontext-max/image-to-image"
    task = Task("image", kontext, OWN.path, body={"prompt": "Blue"}, files={"image_url": given})
    edit = variants.fitted(task, model("openai/gpt-image-2"), OWN).task
    assert (edit.path, edit.form, dict(edit.files)) == ("/v1/images/edits", "image", {"image": given})
    back = variants.fitted(edit, model(kontext), OWN).task
    assert (back.path, back.form, dict(back.files)) == (OWN.path, "", {"image_url": given})


def test_a_model_that_needs_something_else_says_so() -> None:
    task = Task("image", "flux/schnell", OWN.path, body={"prompt": "A fox"})
    with pytest.raises(ValueError, match="needs something that this run has not: Picture"):
        variants.fitted(task, model("flux/kontext-max/image-to-image"), OWN)


def test_a_question_that_went_as_a_chat_goes_so_to_the_other_model() -> None:
    way = FAMILIES["search"].own
    asked: list[JSON] = [{"role": "user", "content": "Who?"}]
    body: dict[str, JSON] = {"model": "perplexity/sonar", "messages": asked, "search_mode": "web"}
    task = Task("search", "perplexity/sonar", way.path, body=body)
    fitted = variants.fitted(task, chat_models.model("search", "bagoodex/x"), way)
    assert fitted.task.body == {"model": "bagoodex/x", "messages": asked}
    assert fitted.left_out == ("search_mode",)
