"""The page's words in its two languages."""

from __future__ import annotations

from dataclasses import dataclass

NAMES = {"ko": "한국어", "en": "English"}


@dataclass(frozen=True)
class Words:
    """The texts of the page: its parts, its buttons, then their answers."""

    title: str
    description: str
    languages: str
    numbers: str
    game: str
    games: str
    draw: str
    copy: str
    copied: str
    uncopied: str
    failed: str
    fair: str


WORDS = {
    "ko": Words(
        title="로또 6/45 행운의 번호",
        description="로또 6/45 행운의 번호 여섯 개를 뽑아 드립니다.",
        languages="언어",
        numbers="뽑은 번호",
        game="게임",
        games="게임 수",
        draw="새 번호 뽑기",
        copy="번호 복사",
        copied="번호를 복사했습니다.",
        uncopied="복사하지 못했습니다. 번호를 선택해 직접 복사해 주세요.",
        failed="번호를 가져오지 못했습니다. 잠시 후 다시 시도해 주세요.",
        fair="8,145,060가지 조합이 나올 확률은 모두 같습니다. 재미로만 즐겨 주세요.",
    ),
    "en": Words(
        title="Lucky numbers for Lotto 6/45",
        description="Six lucky numbers for the Korean 6/45 lottery.",
        languages="Language",
        numbers="Numbers drawn",
        game="Game",
        games="Games",
        draw="New numbers",
        copy="Copy",
        copied="The numbers are copied.",
        uncopied="They could not be copied. Select the numbers and copy them yourself.",
        failed="No new numbers came. Try again in a moment.",
        fair="Each of the 8,145,060 combinations is equally likely. Play for fun.",
    ),
}
