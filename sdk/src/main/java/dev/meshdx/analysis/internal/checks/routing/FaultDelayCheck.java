package dev.meshdx.analysis.internal.checks.routing;

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
 * Routes that inject a delay longer than their own timeout, as one does to try the timeout out: it never fires. Source:
 * istio/api, {@code HTTPRoute.fault}: timeouts and retries are not enabled when faults are enabled on the client side; Envoy's
 * fault filter stands before the router, whose clock starts when the request gets there.
 */
public final class FaultDelayCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0291",
            "FaultDelayBeyondTimeout",
            Severity.WARNING,
            "A route delays requests for longer than its timeout, which does not count the delay.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(VIRTUAL_SERVICE);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource service : configuration.all(VIRTUAL_SERVICE)) {
            for (Field route : Field.spec(service).at("http").items()) {
                Field fixed = route.at("fault", "delay", "fixedDelay");
                Field timeout = route.at("timeout");
                Field perTry = route.at("retries", "perTryTimeout");
                Duration delay = Durations.parse(fixed.text()).orElse(Duration.ZERO);
                Field shorter = isShorter(timeout, delay) ? timeout : perTry;
                if (isShorter(shorter, delay)) {
                    report.accept(configuration
                            .finding(CODE, service, fixed)
                            .message("The route delays requests by " + Durations.text(delay) + ", longer than its "
                                    + shorter.name() + " of " + shorter.text()
                                    + ". The delay is over before that clock starts, so the timeout never fires:"
                                    + " delayed requests take " + Durations.text(delay) + " and then succeed.")
                            .evidence(shorter.path(), service.toString(), shorter.quoted())
                            .remedy(
                                    "To try the timeout out, delay one hop further on: put \"fault: {delay: {fixedDelay: "
                                            + fixed.text()
                                            + ", percentage: {value: 100}}}\" into the VirtualService of a host"
                                            + " that the destination itself calls. Take the fault out here: "
                                            + ReferencedResources.edit(service))
                            .build());
                }
            }
        }
    }

    private static boolean isShorter(Field limit, Duration delay) {
        Duration duration = Durations.parse(limit.text()).orElse(Duration.ZERO);
        return duration.toMillis() > 0 && duration.compareTo(delay) < 0;
    }
}
