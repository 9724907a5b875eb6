package dev.meshdx.analysis.internal.checks;

import static dev.meshdx.model.ResourceKind.MUTATING_WEBHOOK_CONFIGURATION;
import static dev.meshdx.model.ResourceKind.SERVICE;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.InjectionWebhooks;
import dev.meshdx.configuration.internal.InjectionWebhooks.Webhook;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Injection webhooks that act on the same pods, or call a Service that is not there. Source: istio/istio,
 * {@code webhook/webhook.go}: all labels that matter to injection are tried out.
 */
public final class InjectionWebhookCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "IST0139",
            "InvalidWebhook",
            Severity.ERROR,
            "An injection webhook overlaps with another one, or calls a Service that does not exist.");

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(MUTATING_WEBHOOK_CONFIGURATION, SERVICE);
    }

    /** What one configuration shares with the same others. */
    private record Overlap(Resource owner, Set<String> others) {}

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        InjectionWebhooks webhooks = InjectionWebhooks.of(configuration);
        reportOverlaps(webhooks, report);
        reportServices(configuration, webhooks.all(), report);
    }

    private static void reportOverlaps(InjectionWebhooks webhooks, Consumer<Finding> report) {
        Map<Overlap, Map<String, Webhook>> overlaps = new LinkedHashMap<>();
        Map<Overlap, String> examples = new LinkedHashMap<>();
        webhooks.overlaps((namespace, pod, acting) -> acting.forEach((path, webhook) -> {
            Set<String> others = new TreeSet<>(acting.keySet());
            others.remove(path);
            Overlap overlap = new Overlap(webhook.owner(), others);
            overlaps.computeIfAbsent(overlap, unused -> new TreeMap<>()).put(path, webhook);
            examples.putIfAbsent(overlap, "namespace with " + text(namespace) + ", pod with " + text(pod));
        }));
        overlaps.forEach((overlap, own) -> {
            Resource owner = overlap.owner();
            Finding.Builder finding = Finding.of(CODE, owner)
                    .message("Webhook " + String.join(", ", own.keySet()) + " overlaps with "
                            + String.join(", ", overlap.others()) + ": a pod may be injected twice.")
                    .evidence("pods that both act on", owner.toString(), examples.getOrDefault(overlap, ""));
            for (Webhook webhook : own.values()) {
                for (String selector : List.of("namespaceSelector", "objectSelector")) {
                    Field field = webhook.field().at(selector);
                    finding.evidence(field.path(), owner.toString(), field.quoted());
                }
            }
            report.accept(finding.remedy("Remove the configuration that is left over from an earlier installation"
                            + " (kubectl delete mutatingwebhookconfiguration NAME), or make the selectors exclude each"
                            + " other: " + ReferencedResources.edit(owner))
                    .build());
        });
    }

    private static String text(Map<String, String> labels) {
        return labels.isEmpty() ? "no labels" : Configuration.text(labels);
    }

    private static void reportServices(Configuration configuration, List<Webhook> webhooks, Consumer<Finding> report) {
        Map<Resource, Map<String, List<Webhook>>> missing = new LinkedHashMap<>();
        for (Webhook webhook : webhooks) {
            Field service = webhook.field().at("clientConfig", "service");
            String namespace = service.at("namespace").text();
            String name = service.at("name").text();
            if (service.exists()
                    && configuration.complete(SERVICE, namespace)
                    && configuration.find(SERVICE, namespace, name).isEmpty()) {
                missing.computeIfAbsent(webhook.owner(), unused -> new TreeMap<>())
                        .computeIfAbsent(namespace + "/" + name, unused -> new ArrayList<>())
                        .add(webhook);
            }
        }
        missing.forEach((owner, services) -> services.forEach((service, own) -> {
            int slash = service.indexOf('/');
            String namespace = service.substring(0, slash);
            Set<String> names = new TreeSet<>();
            configuration.in(SERVICE, namespace).forEach(one -> names.add(one.name()));
            List<String> near = configuration.near(service.substring(slash + 1), names);
            Finding.Builder finding = Finding.of(CODE, owner)
                    .message("Webhook "
                            + String.join(
                                    ", ",
                                    own.stream().map(Webhook::name).distinct().toList())
                            + " calls Service " + service + ", which does not exist: pods are not injected, or not"
                            + " created at all." + ReferencedResources.didYouMean(near));
            for (Webhook webhook : own) {
                Field field = webhook.field().at("clientConfig", "service");
                finding.evidence(field.path(), owner.toString(), field.quoted());
            }
            report.accept(finding.remedy("Install the control plane that the webhook belongs to, or remove the webhook:"
                            + " kubectl delete mutatingwebhookconfiguration " + owner.name())
                    .build());
        }));
    }
}
