package dev.meshdx.health;

import dev.meshdx.annotation.CheckReturnValue;
import dev.meshdx.annotation.Internal;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.TextTable;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether a pod would get a sidecar if it were created now, from which webhook and why, and what it has. Of a namespace: what
 * pods with given labels would get. Immutable; safe for use by several threads.
 *
 * <p>Kubernetes decides by the selectors of the webhooks whether istiod is asked; istiod decides by the pod. Sources: istio/istio,
 * {@code istioctl/pkg/checkinject/checkinject.go} and {@code pkg/kube/inject/inject.go}, {@code injectRequired}; Kubernetes,
 * "Dynamic Admission Control". Where istioctl {@code check-inject} decides, this says the same; it says more where that one does
 * not look: host network, annotations, the injector's policy and selectors, and what the pod really has.
 */
@CheckReturnValue
public final class Injection {
    /** Whether there would be a sidecar. */
    public enum Outcome {
        /** It would be injected. */
        INJECTED,
        /** It would not be injected. */
        NOT_INJECTED,
        /** What decides could not be read. */
        UNKNOWN
    }

    /** What the pod has. */
    public enum Presence {
        /** A sidecar as an ordinary container. */
        SIDECAR,
        /** A sidecar as an init container that goes on running. */
        NATIVE_SIDECAR,
        /** The pod is a gateway. */
        GATEWAY,
        /** The pod is a waypoint. */
        WAYPOINT,
        /** The pod is a ztunnel. */
        ZTUNNEL,
        /** An agent or a bootstrap for gRPC without Envoy ({@code inject.istio.io/templates: grpc-agent}). */
        GRPC,
        /** No sidecar: its node's ztunnel takes its traffic. */
        AMBIENT,
        /** Nothing of the mesh. */
        NONE,
        /** The question was about a namespace, or a template: there is no pod. */
        NO_POD
    }

    /** What the reader finds out. */
    @Internal
    public record Fields(
            ResourceRef subject,
            String namespace,
            Map<String, String> labels,
            Outcome outcome,
            String reason,
            @Nullable InjectionWebhook webhook,
            List<InjectionWebhook> webhooks,
            Presence presence,
            String presentRevision,
            List<String> templates,
            List<String> notes,
            String remedy,
            List<Inconclusive> inconclusive) {}

    private final Fields fields;
    private final SortedMap<String, String> labels;

    /** Made by the reader. */
    @Internal
    public Injection(Fields fields) {
        this.fields = fields;
        this.labels = Collections.unmodifiableSortedMap(new TreeMap<>(fields.labels()));
    }

    /** The pod or the namespace; where there is no pod of the name, the workload whose template was looked at. */
    public ResourceRef subject() {
        return fields.subject();
    }

    /** The namespace. */
    public String namespace() {
        return fields.namespace();
    }

    /** The pod's labels that were judged. */
    public SortedMap<String, String> labels() {
        return labels;
    }

    /** Whether a pod like this, created now, would be injected. */
    public Outcome outcome() {
        return fields.outcome();
    }

    /** Why, in a sentence that names the label, the selector or the setting that decides. */
    public String reason() {
        return fields.reason();
    }

    /** The webhook that decides: the first that matches; empty where none does. */
    public Optional<InjectionWebhook> webhook() {
        return Optional.ofNullable(fields.webhook());
    }

    /** All webhooks that were looked at: by the name of their configuration, and in their order there. */
    public List<InjectionWebhook> webhooks() {
        return List.copyOf(fields.webhooks());
    }

    /** What the pod has now. */
    public Presence presence() {
        return fields.presence();
    }

    /** Whether the pod has an Istio proxy of its own, or an agent for gRPC. */
    public boolean isInjected() {
        return switch (presence()) {
            case SIDECAR, NATIVE_SIDECAR, GATEWAY, WAYPOINT, ZTUNNEL, GRPC -> true;
            case AMBIENT, NONE, NO_POD -> false;
        };
    }

    /** The revision that injected the pod, where it says. Source: annotations {@code istio.io/rev}, {@code sidecar.istio.io/status}. */
    public Optional<String> presentRevision() {
        return fields.presentRevision().isEmpty() ? Optional.empty() : Optional.of(fields.presentRevision());
    }

    /** The templates that the pod asks for ({@code inject.istio.io/templates}); empty for the injector's default. */
    public List<String> templates() {
        return List.copyOf(fields.templates());
    }

    /**
     * Whether what the pod has is not what it would get now: no sidecar where one is due, a sidecar where none is, or one of
     * another revision. {@link #notes()} says why, as far as it shows.
     */
    public boolean differs() {
        return switch (outcome()) {
            case INJECTED ->
                switch (presence()) {
                    case NONE, AMBIENT -> true;
                    case SIDECAR, NATIVE_SIDECAR, GRPC -> revisionDiffers();
                    case GATEWAY, WAYPOINT, ZTUNNEL, NO_POD -> false;
                };
            case NOT_INJECTED ->
                switch (presence()) {
                    case SIDECAR, NATIVE_SIDECAR, GRPC -> true;
                    case GATEWAY, WAYPOINT, ZTUNNEL, AMBIENT, NONE, NO_POD -> false;
                };
            case UNKNOWN -> false;
        };
    }

    private boolean revisionDiffers() {
        InjectionWebhook webhook = fields.webhook();
        return webhook != null
                && !fields.presentRevision().isEmpty()
                && !fields.presentRevision().equals(webhook.revision());
    }

    /** What else is worth knowing: why the pod differs, a second webhook that matches, labels without effect. */
    public List<String> notes() {
        return List.copyOf(fields.notes());
    }

    /** What to type where the pod should be injected and is not, or is of the wrong revision; else empty. */
    public String remedy() {
        return fields.remedy();
    }

    /** What could not be read. */
    public List<Inconclusive> inconclusive() {
        return fields.inconclusive().stream().sorted().distinct().toList();
    }

    /** The pod's state in a few words. */
    @Internal
    public String presenceText() {
        String revision = presentRevision().map(name -> " of revision " + name).orElse("");
        return switch (presence()) {
            case SIDECAR -> "has a sidecar" + revision;
            case NATIVE_SIDECAR -> "has a native sidecar" + revision;
            case GATEWAY -> "is a gateway" + revision;
            case WAYPOINT -> "is a waypoint" + revision;
            case ZTUNNEL -> "is a ztunnel" + revision;
            case GRPC -> "has the agent for gRPC without proxy" + revision;
            case AMBIENT -> "has no sidecar; ztunnel takes its traffic";
            case NONE -> "has no sidecar";
            case NO_POD -> "";
        };
    }

    /** The verdict, and a table of the webhooks. */
    @Override
    public String toString() {
        TextTable table = new TextTable("WEBHOOK", "REVISION", "MATCHES", "BECAUSE");
        for (InjectionWebhook webhook : fields.webhooks()) {
            table.row(
                    webhook.configuration().name() + "/" + webhook.name(),
                    webhook.revision(),
                    webhook.matches() ? "yes" : "no",
                    because(webhook));
        }
        String now = presenceText();
        return table.summary(
                subject() + ": "
                        + switch (outcome()) {
                            case INJECTED -> "would be injected";
                            case NOT_INJECTED -> "would not be injected";
                            case UNKNOWN -> "cannot be told";
                        }
                        + ". " + reason() + (now.isEmpty() ? "" : " It " + now + "."),
                "webhooks");
    }

    /** What decided about a webhook. */
    @Internal
    public static String because(InjectionWebhook webhook) {
        if (webhook.isDeactivated()) {
            return "deactivated";
        }
        if (!webhook.namespaceSelector().matches()) {
            return "namespace: " + webhook.namespaceSelector();
        }
        if (!webhook.objectSelector().matches()) {
            return "pod: " + webhook.objectSelector();
        }
        if (!webhook.hindrance().isEmpty()) {
            return webhook.hindrance();
        }
        String namespace = webhook.namespaceSelector().condition();
        String object = webhook.objectSelector().condition();
        return namespace.isEmpty() && object.isEmpty()
                ? "nothing forbids it"
                : (namespace.isEmpty() ? "" : "namespace: " + namespace)
                        + (namespace.isEmpty() || object.isEmpty() ? "" : "; ")
                        + (object.isEmpty() ? "" : "pod: " + object);
    }
}
