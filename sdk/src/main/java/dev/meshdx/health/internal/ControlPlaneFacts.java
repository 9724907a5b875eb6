package dev.meshdx.health.internal;

import dev.meshdx.health.CustomResource;
import dev.meshdx.health.IstiodInstance;
import dev.meshdx.health.LeaderElection;
import dev.meshdx.health.RevisionTag;
import dev.meshdx.health.Webhook;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of the control plane beyond its pods. What was not read, or could not be, is empty: checks say nothing of it.
 *
 * @param metrics of each istiod that answered, by the pod's name
 * @param webhooks of injection and validation
 * @param overlaps webhooks of injection that act on the same pods
 * @param tags of revisions
 * @param customResources the kinds that Istio brings; empty where the definitions could not be read
 * @param elections who does what only one istiod does
 * @param settings where an istiod's settings differ from its ConfigMap
 * @param missing istiods that should be there and are not
 * @param roots the control plane's own, for evidence; empty where they are not known
 * @param configurationChecked whether the configuration is looked at too, by checks of which some see the same
 */
record ControlPlaneFacts(
        Map<String, IstiodMetrics> metrics,
        List<Webhook> webhooks,
        List<Overlap> overlaps,
        List<RevisionTag> tags,
        List<CustomResource> customResources,
        List<LeaderElection> elections,
        List<Setting> settings,
        List<Missing> missing,
        String roots,
        boolean configurationChecked) {
    /** Nothing is known. */
    static final ControlPlaneFacts NONE = new ControlPlaneFacts(
            Map.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), "", false);

    /**
     * Webhooks of which more than one acts on a pod.
     *
     * @param webhooks {@code CONFIGURATION/WEBHOOK}
     * @param example the labels of such a pod and its namespace
     */
    record Overlap(List<String> webhooks, String example) {}

    /**
     * A setting of the ConfigMap that is not in force.
     *
     * @param pod the istiod
     * @param configMap the ConfigMap of its revision
     * @param path of the setting
     * @param meant its value there
     * @param inForce its value in istiod; empty where it has none
     */
    record Setting(String pod, String configMap, String path, String meant, String inForce) {}

    /**
     * A Deployment that has fewer pods than it wants.
     *
     * @param deployment its name
     * @param revision of its pods
     * @param wanted how many it wants
     * @param made how many there are
     * @param reason why no more are made, from events; empty where those do not tell
     * @param source of the reason
     */
    record Missing(String deployment, String revision, int wanted, int made, String reason, String source) {}

    /** Nothing but what the istiods report. */
    ControlPlaneFacts with(Map<String, IstiodMetrics> reported) {
        return new ControlPlaneFacts(
                reported,
                webhooks,
                overlaps,
                tags,
                customResources,
                elections,
                settings,
                missing,
                roots,
                configurationChecked);
    }

    /** The webhooks of one kind. */
    List<Webhook> webhooks(Webhook.Kind kind) {
        return webhooks.stream().filter(webhook -> webhook.kind() == kind).toList();
    }

    /** What one istiod reports. */
    Optional<IstiodMetrics> metrics(IstiodInstance istiod) {
        return Optional.ofNullable(metrics.get(istiod.pod()));
    }
}
