package dev.meshdx.logs.internal;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import dev.meshdx.logs.AccessLogEntry;
import dev.meshdx.logs.LogCodes;
import dev.meshdx.logs.ResponseFlag;
import java.util.Optional;

/** MDX0409: flag RL. */
final class RateLimitedCheck extends AccessLogCheck {
    RateLimitedCheck() {
        super(LogCodes.RATE_LIMITED);
    }

    @Override
    Optional<String> reason(AccessLogEntry entry) {
        return entry.has(ResponseFlag.RATE_LIMITED)
                ? Optional.of(entry.details().isEmpty() ? "rate limited" : entry.details())
                : Optional.empty();
    }

    @Override
    Severity severity(FailureGroup group, LogModel model) {
        // The limit does what it is there for; whether it is too low is for people to say.
        Severity severity = group.severity(model.now(), false);
        return severity == Severity.ERROR ? Severity.WARNING : severity;
    }

    @Override
    void describe(FailureGroup group, Finding.Builder finding) {
        boolean local = group.reason().startsWith("local");
        finding.message("The proxy of " + group.pod().pod().name() + " refuses " + group.share() + " to "
                        + group.destination() + ": its " + (local ? "local " : "") + "rate limit is reached.")
                .remedy("kubectl get envoyfilters -A; look for "
                        + (local
                                ? "local_ratelimit (token_bucket)"
                                : "ratelimit, and at the rules of the rate limit service")
                        + ", and whether the limit fits the load.");
    }
}
