package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.GATEWAY;
import static dev.meshdx.model.ResourceKind.POD;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Gateways whose selector leads to no pod that could serve them. Source: istio/istio, {@code gateway/gateway.go}, and for
 * pods of manifests that name no namespace {@code gateway/secret.go}.
 */
public final class GatewayWorkloadCheck implements ConfigurationCheck {
    @Override
    public List<FindingCode> codes() {
        return List.of(ReferencedResources.NOT_FOUND);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(GATEWAY, POD);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<String, Map<String, String>> serving = new TreeMap<>();
        for (Resource gateway : configuration.all(GATEWAY)) {
            if (gateway.spec().at("servers").size() > 0) {
                Map<String, String> labels = selector(gateway).value().textMap();
                serving.put(Configuration.text(labels), labels);
            }
        }
        for (Resource gateway : configuration.all(GATEWAY)) {
            Field selector = selector(gateway);
            Map<String, String> labels = selector.value().textMap();
            String text = Configuration.text(labels);
            String problem = "";
            List<Resource> pods = configuration.matching(POD, labels, "");
            if (pods.isEmpty() && configuration.complete(POD)) {
                problem = "matches no pod, so nothing serves this Gateway.";
            } else if (!pods.isEmpty()
                    && pods.stream().allMatch(pod -> pod.namespace().isEmpty())) {
                problem = "matches only pods that name no namespace (" + pods.get(0)
                        + "), so where the gateway looks for its certificates cannot be told.";
            } else if (!labels.isEmpty() && !isServed(configuration, labels, serving)) {
                problem = "matches pods, but no Gateway with this selector has a server: nothing listens.";
            }
            if (!problem.isEmpty()) {
                report.accept(configuration
                        .finding(ReferencedResources.NOT_FOUND, gateway, selector)
                        .message("The selector \"" + text + "\" " + problem)
                        .remedy("Compare with the labels of the gateway's pods: kubectl get pods -A --show-labels"
                                + (text.isEmpty() ? "" : " -l " + text)
                                + "; then correct it: " + ReferencedResources.edit(gateway))
                        .build());
            }
        }
    }

    private static Field selector(Resource gateway) {
        return Field.spec(gateway).at("selector");
    }

    /** Whether some Gateway for the same pods has a server. Source: istio/istio, {@code gateway/conflictinggateway.go}. */
    private static boolean isServed(
            Configuration configuration, Map<String, String> labels, Map<String, Map<String, String>> serving) {
        String text = Configuration.text(labels);
        if (serving.containsKey(text)) {
            return true;
        }
        for (Map.Entry<String, Map<String, String>> other : serving.entrySet()) {
            if (other.getKey().contains(text) || text.contains(other.getKey())) {
                Map<String, String> both = new TreeMap<>(labels);
                both.putAll(other.getValue());
                if (both.entrySet().containsAll(labels.entrySet()) && configuration.anyMatching(POD, both, "")) {
                    return true;
                }
            }
        }
        return false;
    }
}
