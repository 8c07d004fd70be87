"""The languages of the coach, and the words of its page in each."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from spotter.coach.words import languages, words_of
from spotter.serve.api_description import told

router = APIRouter(prefix="/api/v1", tags=["knowledge"])


class LanguageShort(BaseModel):
    """A language that the coach speaks."""

    language: str = Field(description="its BCP 47 tag, such as de")
    name: str = Field(description="what it calls itself")


class LanguageList(BaseModel):
    """Every language, English first."""

    languages: list[LanguageShort]


class LanguageDocument(LanguageShort):
    """A language with what the coach's page says in it."""

    words: dict[str, str] = Field(description="the page's English words to those of the language")


@router.get("/languages")
async def list_languages() -> LanguageList:
    """Every language that the coach speaks."""
    return LanguageList(
        languages=[LanguageShort(language=one.language, name=one.name) for one in languages().values()]
    )


@router.get("/languages/{language}", responses=told({422: "it is not spoken"}))
async def get_language(language: str) -> LanguageDocument:
    """What the coach's page says in a language; de-AT is de."""
    words = words_of(language)
    return LanguageDocument(language=words.language, name=words.name, words=dict(words.page))
