"""What others changed reaches the window however slow the database is."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from desktop_crm.services import feed
from desktop_crm.ui.news import News
from tests.support.company import make

if TYPE_CHECKING:
    import pytest

    from desktop_crm.services.session import Session
    from tests.ui.conftest import Bench


def test_a_slow_answer_is_waited_for_and_not_overtaken(bench: Bench, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, asked, real = threading.Event(), [], feed.news

    def slow(of: Session, since: int) -> feed.News:
        asked.append(since)
        gate.wait(60)
        return real(of, since)

    monkeypatch.setattr(feed, "news", slow)
    news = News(bench.desk)
    with bench.qtbot.waitSignal(news.first):
        news.ask()
        bench.qtbot.waitUntil(lambda: asked == [-1])
        assert not news._wait.isActive(), "it would ask again before there was an answer, and drop that"
        gate.set()
    assert news._wait.isActive()
    make(session, "customer", name="华信机电有限公司")
    with bench.qtbot.waitSignal(news.came) as came:
        news.ask()
    assert "customer" in came.args[0]
    news.stop()


def test_news_go_on_after_a_failure(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_session: Session, _since: int) -> feed.News:
        raise OSError

    monkeypatch.setattr(feed, "news", broken)
    news = News(bench.desk)
    with bench.qtbot.waitSignal(news.failed):
        news.ask()
    assert news._wait.isActive()
    news.stop()
    assert not news._wait.isActive()
