"""The guard in memory: each token once, for as long as it lives, within its bounds."""

from __future__ import annotations

from cds_service.auth.replay import MemoryReplayGuard


def test_the_first_use_is_the_only_one() -> None:
    guard = MemoryReplayGuard(clock=lambda: 0)
    assert [guard.first_use("a", "1", 100) for _ in range(3)] == [True, False, False]


def test_another_issuer_may_use_the_same_jti() -> None:
    guard = MemoryReplayGuard(clock=lambda: 0)
    assert guard.first_use("a", "1", 100)
    assert guard.first_use("b", "1", 100)
    assert guard.first_use("a", "2", 100)


def test_a_token_is_forgotten_when_it_has_expired_and_not_before() -> None:
    now = [0.0]
    guard = MemoryReplayGuard(clock=lambda: now[0])
    guard.first_use("a", "1", 100)
    now[0] = 99.9
    assert not guard.first_use("a", "1", 100)
    now[0] = 100
    assert guard.first_use("a", "2", 200)
    assert len(guard) == 1


def test_memory_is_bounded_and_the_token_nearest_its_end_goes_first() -> None:
    guard = MemoryReplayGuard(capacity=100, clock=lambda: 0)
    for number in range(1000):
        assert guard.first_use("a", str(number), 1000 + number)
    assert len(guard) == 100
    assert not guard.first_use("a", "999", 2000)
    assert guard.first_use("a", "0", 1000)
