package dev.meshdx.traffic.authorization;

import dev.meshdx.configuration.AuthorizationPolicy.Action;
import dev.meshdx.model.ResourceRef;
import java.util.LinkedHashMap;
import java.util.Map;

/** An AuthorizationPolicy that applies to a workload. Immutable. */
public final class AppliedPolicy {
    /** Where it is: on the proxy, among the AuthorizationPolicies, or on both sides. */
    public enum State {
        /** The proxy has it; what is meant is the same, or not known. */
        IN_FORCE("in force"),
        /** The proxy has other rules under its name: an older version of it, or what another Istio makes of it. */
        CHANGED("in force with other rules"),
        /** There is such a policy, and the proxy does not have it. */
        NOT_IN_FORCE("not on the proxy"),
        /** The proxy has it, and there is no such policy, or none that applies. */
        NOT_MEANT("on the proxy only"),
        /** There is such a policy; what is in force is not known. */
        MEANT("meant");

        private final String text;

        State(String text) {
            this.text = text;
        }

        /** In words. */
        @Override
        public String toString() {
            return text;
        }
    }

    private final NamedRule.Owner owner;
    private final int rules;
    private final State state;

    AppliedPolicy(NamedRule.Owner owner, int rules, State state) {
        this.owner = owner;
        this.rules = rules;
        this.state = state;
    }

    /** What it does with what its rules match. */
    public Action action() {
        return owner.action();
    }

    /** Its name. On a proxy that somebody else configured it is the name of the rule. */
    public String policy() {
        return owner.policy().isEmpty() ? "(none)" : owner.policy();
    }

    /** Its namespace; empty where the proxy does not tell. */
    public String namespace() {
        return owner.namespace();
    }

    /** The resource. */
    public ResourceRef ref() {
        return ResourceRef.of("AuthorizationPolicy", namespace(), policy());
    }

    /** Namespace and name. */
    String qualifiedName() {
        return (namespace().isEmpty() ? "" : namespace() + "/") + policy();
    }

    /** How many of its rules apply; an ALLOW policy without any lets nothing through. */
    public int rules() {
        return rules;
    }

    /** Whether it only says what it would do ({@code istio.io/dry-run}). */
    public boolean dryRun() {
        return owner.dryRun();
    }

    /** Where it is. */
    public State state() {
        return state;
    }

    /** The fields by their names in JSON. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("action", action().name());
        fields.put("policy", policy());
        fields.put("namespace", namespace());
        fields.put("rules", rules);
        fields.put("dryRun", dryRun());
        fields.put("state", state.name());
        return java.util.Collections.unmodifiableMap(fields);
    }

    /** One line. */
    @Override
    public String toString() {
        return action() + " " + qualifiedName() + ", " + rules + (rules == 1 ? " rule" : " rules")
                + (dryRun() ? ", dry run" : "") + ", " + state;
    }
}
