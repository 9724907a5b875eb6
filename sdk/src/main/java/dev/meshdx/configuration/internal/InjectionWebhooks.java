package dev.meshdx.configuration.internal;

import static dev.meshdx.model.ResourceKind.MUTATING_WEBHOOK_CONFIGURATION;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.Field;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.internal.Selectors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The webhooks that put sidecars into pods: those of a configuration that names a revision of Istio, or has a webhook whose
 * name ends with {@code istio.io}. Source: istio/istio, {@code analyzers/webhook/webhook.go}, and the selectors in
 * {@code manifests/charts/istio-control/istio-discovery}, files {@code mutatingwebhook.yaml} and {@code revision-tags.yaml}.
 */
public final class InjectionWebhooks {
    /** Names the revision, or a tag of one, of a namespace, a pod or a webhook configuration. */
    public static final String REVISION = "istio.io/rev";

    /**
     * One of them.
     *
     * @param owner the configuration
     * @param field its place there
     */
    public record Webhook(Resource owner, Field field) {
        /** Its name. */
        public String name() {
            return field.at("name").text();
        }

        /** As messages name it; two of one name in one configuration are one. */
        public String path() {
            return owner.name() + "/" + name();
        }

        /** Whether it acts on a pod with these labels in a namespace with those. */
        public boolean actsOn(Map<String, String> namespace, Map<String, String> pod) {
            return selects("namespaceSelector", namespace) && selects("objectSelector", pod);
        }

        private boolean selects(String selector, Map<String, String> labels) {
            Json value = field.at(selector).value();
            return !value.exists() || Selectors.matches(value, labels);
        }
    }

    private final List<Webhook> all = new ArrayList<>();
    private final Set<String> revisions = new TreeSet<>();

    /** Of a configuration. */
    public static InjectionWebhooks of(Configuration configuration) {
        return configuration.shared(
                InjectionWebhooks.class,
                Set.of(MUTATING_WEBHOOK_CONFIGURATION),
                all -> new InjectionWebhooks(all.all(MUTATING_WEBHOOK_CONFIGURATION)));
    }

    /** Of MutatingWebhookConfigurations. */
    public static InjectionWebhooks of(List<Resource> configurations) {
        return new InjectionWebhooks(configurations);
    }

    private InjectionWebhooks(List<Resource> configurations) {
        for (Resource owner : configurations) {
            List<Webhook> own = new Field("webhooks", owner.raw().at("webhooks"))
                    .items().stream().map(field -> new Webhook(owner, field)).toList();
            Set<String> named = revisions(owner, own);
            if (!named.isEmpty()
                    || own.stream().anyMatch(webhook -> webhook.name().endsWith("istio.io"))) {
                all.addAll(own);
                revisions.addAll(named);
            }
        }
    }

    private static Set<String> revisions(Resource owner, List<Webhook> webhooks) {
        Set<String> revisions = new TreeSet<>();
        owner.label(REVISION).ifPresent(revisions::add);
        for (Webhook webhook : webhooks) {
            for (String selector : List.of("namespaceSelector", "objectSelector")) {
                Json value = webhook.field().at(selector).value();
                value.at("matchLabels", REVISION).text().ifPresent(revisions::add);
                for (Json expression : value.at("matchExpressions").items()) {
                    if (expression.at("key").text("").equals(REVISION)) {
                        revisions.addAll(expression.at("values").texts());
                    }
                }
            }
        }
        return revisions;
    }

    /** All of them. */
    public List<Webhook> all() {
        return Collections.unmodifiableList(all);
    }

    /** All revisions and tags that they name, sorted. */
    public Set<String> revisions() {
        return Collections.unmodifiableSet(revisions);
    }

    /** Whether one of them acts on a pod with these labels in a namespace with those. */
    public boolean act(Map<String, String> namespace, Map<String, String> pod) {
        return all.stream().anyMatch(webhook -> webhook.actsOn(namespace, pod));
    }

    /** Told of the webhooks that act on the same pods. */
    public interface Overlaps {
        /**
         * Some webhooks act on a pod.
         *
         * @param namespace the labels of its namespace
         * @param pod its labels
         * @param acting more than one, by {@link Webhook#path()}
         */
        void found(Map<String, String> namespace, Map<String, String> pod, Map<String, Webhook> acting);
    }

    /**
     * Tries out all labels that matter to injection. Source: istio/istio, {@code analyzers/webhook/webhook.go}.
     */
    public void overlaps(Overlaps overlaps) {
        for (Map<String, String> namespace : labels("istio-injection", List.of("enabled", "disabled"))) {
            for (Map<String, String> pod : labels("sidecar.istio.io/inject", List.of("true", "false"))) {
                Map<String, Webhook> acting = new TreeMap<>();
                for (Webhook webhook : all) {
                    if (webhook.actsOn(namespace, pod)) {
                        acting.put(webhook.path(), webhook);
                    }
                }
                if (acting.size() > 1) {
                    overlaps.found(namespace, pod, acting);
                }
            }
        }
    }

    /** All combinations of a label that says yes or no, and a revision. */
    private List<Map<String, String>> labels(String label, List<String> values) {
        List<Map<String, String>> base = new ArrayList<>();
        base.add(Map.of());
        values.forEach(value -> base.add(Map.of(label, value)));
        List<Map<String, String>> labels = new ArrayList<>(base);
        for (String revision : revisions) {
            for (Map<String, String> one : base) {
                Map<String, String> both = new TreeMap<>(one);
                both.put(REVISION, revision);
                labels.add(both);
            }
        }
        return labels;
    }
}
