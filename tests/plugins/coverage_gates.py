"""Where every branch has to be tested, beside the 95 % of the whole (`--cov-fail-under`)."""

import io
from collections.abc import Generator

import pytest

# A mistake here books twice, shows a stranger's visit or loses what was sealed.
WHOLLY_TESTED = (
    "clinic/*/permissions.py",
    "clinic/audit/*.py",
    "clinic/audit/management/**/*.py",
    "clinic/crypto/*.py",
    "clinic/crypto/management/**/*.py",
    "clinic/scheduling/rules.py",
    "clinic/scheduling/availability/*.py",
    "clinic/scheduling/services/*.py",
)


class CoverageGates:
    def __init__(self) -> None:
        self.report = ""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        outcome = yield
        covered = session.config.pluginmanager.get_plugin("_cov")
        if covered is None or getattr(covered, "cov_controller", None) is None:
            return outcome
        report = io.StringIO()
        total = covered.cov_controller.cov.report(
            include=[f"*/{pattern}" for pattern in WHOLLY_TESTED], file=report, skip_covered=True
        )
        if total < 100:
            self.report = report.getvalue()
            session.testsfailed += 1
        return outcome

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.report:
            terminalreporter.write_sep("!", "not wholly tested", red=True)
            terminalreporter.write_line(self.report)


def pytest_configure(config: pytest.Config) -> None:
    whole_run = config.getoption("cov_fail_under", None) is not None
    if whole_run and not hasattr(config, "workerinput"):
        config.pluginmanager.register(CoverageGates(), "coverage-gates")
