"""Vietnamese first: every sentence a person may read has its Vietnamese, and scripts say only what they were given."""

import ast
import re
from pathlib import Path

import pytest
from django.contrib.auth.password_validation import CommonPasswordValidator, MinimumLengthValidator
from django.utils import translation
from rest_framework import serializers

from backend import asgi, urls  # noqa: F401  (load every application, and with them every error and serializer)
from backend.lib import errors
from backend.lib.config import ROOT
from backend.pages.sentences import script_sentences

CATALOGUE = ROOT / "backend" / "locale" / "vi" / "LC_MESSAGES" / "django.po"
SCRIPTS = ROOT / "backend" / "pages" / "static" / "pages" / "js"
TEMPLATES = ROOT / "backend" / "pages" / "templates"


def _entries() -> list[tuple[str, str]]:
    """``(msgid, msgstr)``; of plurals the many's msgid stands beside the one's."""
    text = re.sub(r'"\n"', "", CATALOGUE.read_text())
    found = re.findall(r'^msgid "(.*)"\n(?:msgid_plural "(.*)"\n)?msgstr(?:\[0\])? "(.*)"$', text, re.MULTILINE)
    return [(msgid, msgstr) for msgid, _, msgstr in found] + [(many, msgstr) for _, many, msgstr in found if many]


def test_every_message_of_the_catalogue_is_translated() -> None:
    entries = _entries()
    assert len(entries) > 200
    assert [msgid for msgid, msgstr in entries if msgid and not msgstr] == []


def test_every_message_in_templates_and_page_views_is_in_the_catalogue() -> None:
    known = {msgid for msgid, _ in _entries()}
    used: set[str] = set()
    for path in TEMPLATES.rglob("*.html"):
        used |= set(re.findall(r'{% translate "([^"]+)" %}', path.read_text()))
        used |= set(re.findall(r"{% translate '([^']+)' %}", path.read_text()))
    for path in (ROOT / "backend" / "pages").rglob("*.py"):
        used |= set(re.findall(r'\b_\(\s*"((?:[^"\\]|\\.)+)"\s*\)', path.read_text()))
    assert sorted(used - known) == []


def test_placeholders_survive_translation() -> None:
    counted = {"%(n)s", "%(n)d"}  # one form for one and for many
    for msgid, msgstr in _entries():
        pattern = r"%\(\w+\)[sd]|(?<!%)\{\w+\}"
        assert set(re.findall(pattern, msgstr)) <= set(re.findall(pattern, msgid)) | counted, msgid


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*.js")), ids=lambda path: path.name)
def test_scripts_say_only_sentences_that_exist(path: Path) -> None:
    said = set(re.findall(r'\b(?:say|tell)\("(\w+)"', path.read_text()))
    said |= set(re.findall(r'"(cover[A-Z]\w+|mode[A-Z]\w+)"', path.read_text()))
    assert said <= set(script_sentences())


def _titles() -> set[str]:
    families, found = [errors.MatPhoError], set()
    while families:
        family = families.pop()
        families += family.__subclasses__()
        found.add(family.title)
    return found


def test_every_error_has_its_title_in_vietnamese() -> None:
    """They are class attributes, translated where they are answered, so that no scan of the source finds them."""
    assert sorted(_titles() - {msgid for msgid, _ in _entries()}) == []


def test_every_message_a_verb_may_say_is_in_the_catalogue() -> None:
    known = {msgid.replace('\\"', '"') for msgid, _ in _entries()}
    said: set[str] = set()
    for top in ("backend/lib", "neighborhoods", "cameras", "notifications"):
        for path in (ROOT / top).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                    said |= {arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)}
    assert len(said) > 50
    assert sorted(said - known) == []


def _input_messages() -> set[str]:
    """What REST framework may say of the fields that our routes take, in the language that is on."""
    families, found = [serializers.Serializer], set()
    while families:
        family = families.pop()
        families += family.__subclasses__()
        if family.__module__.startswith(("neighborhoods.", "cameras.", "notifications.")):
            found |= {str(text) for field in family().fields.values() for text in field.error_messages.values()}
    return found


def test_what_is_said_of_wrong_input_is_vietnamese_though_the_packages_have_not_all_of_it() -> None:
    with translation.override("en"):
        english = _input_messages()
    with translation.override("vi"):
        vietnamese = _input_messages()
        passwords = [rule().get_error_message() for rule in (MinimumLengthValidator, CommonPasswordValidator)]
    assert len(english) > 15
    assert sorted(english & vietnamese) == []
    assert ["Mật khẩu" in text for text in passwords] == [True, True]
