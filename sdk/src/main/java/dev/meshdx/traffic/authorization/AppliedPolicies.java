package dev.meshdx.traffic.authorization;

import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.TextTable;
import java.util.Iterator;
import java.util.List;

/**
 * The AuthorizationPolicies that apply to a workload, in the order in which they are evaluated: CUSTOM, AUDIT, DENY, ALLOW, and
 * of one action by name. Immutable. Source: Istio, "Authorization Policy"; Envoy, {@code config/rbac/v3/rbac.proto}.
 */
public final class AppliedPolicies implements Iterable<AppliedPolicy> {
    /** How much of a policy is left out. */
    public enum Part {
        /** The policy is not for this workload. */
        POLICY,
        /** A rule is dropped. */
        RULE,
        /** A rule holds without a field, or without one of its values. */
        FIELD
    }

    /**
     * What of the AuthorizationPolicies does not count here.
     *
     * @param policy of which one
     * @param part how much of it
     * @param path the field that is the reason
     * @param because why
     */
    public record LeftOut(ResourceRef policy, Part part, String path, String because) {
        /** One line. */
        @Override
        public String toString() {
            return policy + " " + path + ": " + because;
        }
    }

    private final String workload;
    private final List<AppliedPolicy> policies;
    private final List<LeftOut> leftOut;
    private final List<String> notes;
    private final List<Inconclusive> inconclusive;

    AppliedPolicies(
            String workload,
            List<AppliedPolicy> policies,
            List<LeftOut> leftOut,
            List<String> notes,
            List<Inconclusive> inconclusive) {
        this.workload = workload;
        this.policies = List.copyOf(policies);
        this.leftOut = List.copyOf(leftOut);
        this.notes = List.copyOf(notes);
        this.inconclusive = List.copyOf(inconclusive);
    }

    @Override
    public Iterator<AppliedPolicy> iterator() {
        return policies.iterator();
    }

    /** The policies, in the order in which they are evaluated. */
    public List<AppliedPolicy> all() {
        return policies;
    }

    /** Whether there are none, so that everything is allowed. */
    public boolean isEmpty() {
        return policies.isEmpty();
    }

    /** What of the AuthorizationPolicies of the mesh and the namespace does not count here, and why. */
    public List<LeftOut> leftOut() {
        return leftOut;
    }

    /** What was taken for granted. */
    public List<String> notes() {
        return notes;
    }

    /** What could not be seen. */
    public List<Inconclusive> inconclusive() {
        return inconclusive;
    }

    /** The whole table. */
    public String table() {
        TextTable table = new TextTable("ACTION", "POLICY", "NAMESPACE", "RULES", "DRY RUN", "STATE");
        for (AppliedPolicy policy : policies) {
            table.row(
                    policy.action().name(),
                    policy.policy(),
                    policy.namespace(),
                    String.valueOf(policy.rules()),
                    policy.dryRun() ? "yes" : "no",
                    policy.state().toString());
        }
        return table.isEmpty()
                ? inconclusive.isEmpty() ? "No policy applies: everything is allowed.\n" : "No policy was seen.\n"
                : table.whole();
    }

    /** The table, shortened. */
    @Override
    public String toString() {
        return TextTable.list(
                "policies of " + workload,
                policies.stream().map(String::valueOf).toList(),
                "policies");
    }
}
