package dev.meshdx.configuration;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who may call what. Source: Istio, "Authorization Policy".
 *
 * @param resource the resource
 */
public record AuthorizationPolicy(Resource resource) implements TypedResource {
    private static final Set<String> TRUE = Set.of("1", "t", "T", "true", "TRUE", "True");

    /** What happens to a request that a rule matches. In the order in which they are evaluated. */
    public enum Action {
        /** An external authorizer decides. */
        CUSTOM,
        /** It is refused. */
        DENY,
        /** It is let through; what no ALLOW policy matches is refused as soon as there is one. */
        ALLOW,
        /** It is noted. */
        AUDIT
    }

    /** The action; ALLOW where none is written. */
    public Action action() {
        return switch (resource.spec().at("action").text("ALLOW")) {
            case "DENY" -> Action.DENY;
            case "CUSTOM" -> Action.CUSTOM;
            case "AUDIT" -> Action.AUDIT;
            default -> Action.ALLOW;
        };
    }

    /** The labels of the workloads that it is for; empty for all of its namespace, or of the mesh in the root namespace. */
    public Map<String, String> selector() {
        return resource.spec().at("selector", "matchLabels").textMap();
    }

    /** What it is attached to instead of workloads. */
    public List<TargetReference> targets() {
        return TargetReference.of(resource);
    }

    /** Its rules, as written: {@code from}, {@code to}, {@code when}. An ALLOW policy without any lets nothing through. */
    public List<Json> rules() {
        return resource.spec().at("rules").items();
    }

    /** The external authorizer of a CUSTOM policy; empty for others. */
    public String provider() {
        return resource.spec().at("provider", "name").text("");
    }

    /**
     * Whether it only says what it would do. Source: Istio, annotation {@code istio.io/dry-run}, a boolean as Go's
     * {@code strconv.ParseBool} reads it.
     */
    public boolean dryRun() {
        return resource.annotation("istio.io/dry-run").filter(TRUE::contains).isPresent();
    }

    /** One line. */
    @Override
    public String toString() {
        return ref() + ": " + action() + ", " + rules().size() + (rules().size() == 1 ? " rule" : " rules")
                + (dryRun() ? ", dry run" : "");
    }
}
