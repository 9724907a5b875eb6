package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.DEPLOYMENT;
import static dev.meshdx.model.ResourceKind.POD;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Applications that run as user 1337, the proxy's own: the redirect rules let that user's traffic pass by the proxy. Source:
 * istio/istio, {@code deployment/pod.go}; Istio, "Application Requirements".
 */
public final class ApplicationUidCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0144",
            "InvalidApplicationUID",
            Severity.WARNING,
            "An application runs as user 1337, which is reserved for the proxy.");

    private static final long PROXY_UID = 1337;
    private static final Set<String> ISTIO_CONTAINERS = Set.of("istio-proxy", "istio-operator");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(POD, DEPLOYMENT);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        for (Resource pod : configuration.all(POD)) {
            check(pod, Field.spec(pod), report);
        }
        for (Resource deployment : configuration.all(DEPLOYMENT)) {
            check(deployment, Field.spec(deployment).at("template", "spec"), report);
        }
    }

    private static void check(Resource resource, Field spec, Consumer<Finding> report) {
        if (resource.label("istio").isPresent()
                || resource.label("release").map("istio"::equals).orElse(false)) {
            return;
        }
        List<Field> fields = new ArrayList<>();
        fields.add(spec.at("securityContext", "runAsUser"));
        List<String> names = new ArrayList<>();
        for (Field container : spec.at("containers").items()) {
            Field user = container.at("securityContext", "runAsUser");
            if (!ISTIO_CONTAINERS.contains(container.at("name").text()) && isProxy(user)) {
                fields.add(user);
                names.add(container.at("name").text());
            }
        }
        if (names.isEmpty() && !isProxy(fields.get(0))) {
            return;
        }
        // One finding for a resource, however often it says so.
        Finding.Builder finding = Finding.of(CODE, resource)
                .message((names.isEmpty() ? "The pod runs" : "Container " + String.join(", ", names) + " runs")
                        + " as user 1337, which is the proxy's: its traffic bypasses the proxy, or loops in it.")
                .remedy("Give the application another runAsUser: " + ReferencedResources.edit(resource));
        for (Field field : fields) {
            if (isProxy(field)) {
                finding.evidence(field.path(), resource.toString(), field.quoted());
            }
        }
        report.accept(finding.build());
    }

    private static boolean isProxy(Field user) {
        return user.value().number(0) == PROXY_UID;
    }
}
