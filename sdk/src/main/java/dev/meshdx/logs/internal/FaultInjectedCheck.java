package dev.meshdx.logs.internal;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.LogCodes;
import dev.meshdx.logs.ResponseFlag;
import java.util.Optional;

/** MDX0410: flags FI and DI. */
final class FaultInjectedCheck extends AccessLogCheck {
    private static final String ABORT = "abort";

    FaultInjectedCheck() {
        super(LogCodes.FAULT_INJECTED);
    }

    @Override
    Optional<String> reason(AccessLogEntry entry) {
        if (entry.has(ResponseFlag.FAULT_INJECTED)) {
            return Optional.of(ABORT);
        }
        return entry.has(ResponseFlag.DELAY_INJECTED) ? Optional.of("delay") : Optional.empty();
    }

    @Override
    Severity severity(FailureGroup group, LogModel model) {
        // Somebody asked for it; but a test that was forgotten looks like an outage.
        return group.reason().equals(ABORT) && group.severity(model.now(), false) != Severity.INFO
                ? Severity.WARNING
                : Severity.INFO;
    }

    @Override
    void describe(FailureGroup group, Finding.Builder finding) {
        boolean abort = group.reason().equals(ABORT);
        finding.message("The proxy of " + group.pod().pod().name() + (abort ? " aborts " : " delays ") + group.count()
                        + (group.count() == 1 ? " request" : " requests") + " to " + group.destination()
                        + (abort ? " with " + group.example().responseCode() : "") + ": a configured fault.")
                .remedy("If the test is over, remove fault." + group.reason()
                        + " from the VirtualService of that host: kubectl get virtualservices -A -o yaml | grep -B20 "
                        + group.reason() + ":");
    }
}
