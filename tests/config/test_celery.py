"""The beat table and how tasks are handled."""

from django.conf import settings

from config.celery import app


def test_beat_entries_expire_before_their_successor() -> None:
    for name, entry in app.conf.beat_schedule.items():
        assert entry["options"]["expires"] <= entry["schedule"], name


def test_every_beat_entry_names_a_task_that_exists() -> None:
    app.loader.import_default_modules()

    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in app.tasks


def test_a_dead_worker_loses_no_message() -> None:
    assert app.conf.task_acks_late is True
    assert app.conf.task_reject_on_worker_lost is True
    assert app.conf.worker_prefetch_multiplier == 1


def test_only_json_is_understood() -> None:
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"
    assert settings.CELERY_RESULT_BACKEND is None
