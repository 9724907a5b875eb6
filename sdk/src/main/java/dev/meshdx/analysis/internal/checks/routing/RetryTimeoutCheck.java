package dev.meshdx.analysis.internal.checks.routing;

import static dev.meshdx.model.ResourceKind.HTTP_ROUTE;
import static dev.meshdx.model.ResourceKind.VIRTUAL_SERVICE;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Durations;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Routes whose timeout ends before all the retries that they promise could begin. Source: Envoy, "HTTP route components",
 * {@code RouteAction.timeout}: it includes all retries; {@code RetryPolicy.num_retries} counts the tries after the first;
 * istio/api, {@code HTTPRetry}; Gateway API, GEP-1742 and GEP-1731, for HTTPRoutes.
 */
public final class RetryTimeoutCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0290",
            "RetriesExceedTimeout",
            Severity.WARNING,
            "The timeout of a route ends before all of its retries could begin.");

    /** Where a route of some kind has its three numbers. */
    private record Limits(Field timeout, Field attempts, Field perTry) {}

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(VIRTUAL_SERVICE, HTTP_ROUTE);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource service : configuration.all(VIRTUAL_SERVICE)) {
            for (Field route : Field.spec(service).at("http").items()) {
                Limits limits = new Limits(
                        route.at("timeout"), route.at("retries", "attempts"), route.at("retries", "perTryTimeout"));
                check(configuration, service, limits, report);
            }
        }
        for (Resource route : configuration.all(HTTP_ROUTE)) {
            for (Field rule : Field.spec(route).at("rules").items()) {
                Limits limits = new Limits(
                        rule.at("timeouts", "request"),
                        rule.at("retry", "attempts"),
                        rule.at("timeouts", "backendRequest"));
                check(configuration, route, limits, report);
            }
        }
    }

    private static void check(Configuration configuration, Resource resource, Limits limits, Consumer<Finding> report) {
        Duration timeout = Durations.parse(limits.timeout().text()).orElse(Duration.ZERO);
        Duration perTry = Durations.parse(limits.perTry().text()).orElse(Duration.ZERO);
        // More than a thousand would be a mistake of another kind, and must not overflow.
        long retries = Math.min(limits.attempts().value().number(0), 1000);
        if (timeout.toMillis() <= 0 || perTry.toMillis() <= 0 || retries <= 0) {
            return;
        }
        Duration lastBegins = perTry.multipliedBy(retries);
        int compared = lastBegins.compareTo(timeout);
        if (compared < 0) {
            return;
        }
        long begun = (timeout.toMillis() + perTry.toMillis() - 1) / perTry.toMillis();
        String tries = begun == 1 ? "only the first try" : "only " + begun + " of " + (retries + 1) + " tries";
        Duration needed = perTry.multipliedBy(retries + 1);
        Duration share = timeout.dividedBy(retries + 1);
        report.accept(configuration
                .finding(CODE, resource, limits.timeout())
                .severity(compared == 0 ? Severity.INFO : Severity.WARNING)
                .message("The timeout of " + Durations.text(timeout) + " covers all tries, but " + retries + " "
                        + (retries == 1 ? "retry" : "retries") + " of " + Durations.text(perTry)
                        + " after the first try " + (retries == 1 ? "needs" : "need") + " up to "
                        + Durations.text(needed)
                        + ": if the destination hangs, " + tries + " can begin"
                        + (begun == 1 ? ", and there is no retry." : "."))
                .evidence(
                        limits.attempts().path(),
                        resource.toString(),
                        limits.attempts().quoted())
                .evidence(
                        limits.perTry().path(),
                        resource.toString(),
                        limits.perTry().quoted())
                .remedy("Write " + limits.timeout().name() + ": " + Durations.text(needed) + ", or "
                        + (share.toMillis() > 0 ? limits.perTry().name() + ": " + Durations.text(share) + ", or " : "")
                        + limits.attempts().name() + ": " + (begun - 1) + ". To edit it: "
                        + ReferencedResources.edit(resource))
                .build());
    }
}
