package dev.meshdx.traffic.internal.rbac;

import dev.meshdx.model.Json;
import dev.meshdx.traffic.AuthorizationDecision;
import dev.meshdx.traffic.AuthorizationDecision.Outcome;
import dev.meshdx.traffic.AuthorizationDecision.Result;
import dev.meshdx.traffic.internal.Regexes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The authorization filters of a chain, in order, as one decision. Each looks at the rules that are only tried, then at those
 * that it enforces; after a refusal none of the rest is looked at. Source: Envoy,
 * {@code source/extensions/filters/http/rbac/rbac_filter.cc}. Immutable.
 */
public final class RbacFilters {
    /** Under this prefix Istio asks whether an external authorizer has to be asked. */
    private static final String CUSTOM = "istio_ext_authz_";

    private record Filter(
            @Nullable RbacRules rules, @Nullable RbacRules shadow, boolean isCustom, boolean usesMatcher) {}

    /**
     * The decision, and where it fell.
     *
     * @param refusedBy which of the filters refuses, from 0; -1 where none does
     */
    public record Decided(AuthorizationDecision decision, int refusedBy) {}

    private final List<Filter> filters = new ArrayList<>();

    private RbacFilters() {}

    /** Makes the configurations of filters ready: {@code envoy.extensions.filters.http.rbac.v3.RBAC}, or that of connections. */
    public static RbacFilters of(List<Json> configs, Regexes regexes) {
        RbacFilters all = new RbacFilters();
        for (Json config : configs) {
            all.filters.add(new Filter(
                    config.at("rules").exists() ? new RbacRules(config.at("rules"), regexes) : null,
                    config.at("shadow_rules").exists() ? new RbacRules(config.at("shadow_rules"), regexes) : null,
                    config.at("shadow_rules_stat_prefix").text("").startsWith(CUSTOM),
                    config.at("matcher").exists()));
        }
        return all;
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return filters.isEmpty();
    }

    /** Decides. */
    public Decided decide(Call call) {
        Outcome decided = new Outcome(Result.ALLOWED, "");
        Outcome open = null;
        Outcome dryRunDeny = null;
        Outcome dryRunAllow = null;
        Outcome custom = null;
        boolean allowFilter = false;
        for (int i = 0; i < filters.size(); i++) {
            Filter filter = filters.get(i);
            if (filter.shadow != null) {
                Outcome tried = filter.shadow.decide(call);
                if (filter.isCustom) {
                    custom = tried;
                } else if (filter.shadow.action().equals("DENY")) {
                    dryRunDeny = tried;
                } else {
                    dryRunAllow = tried;
                }
            }
            if (filter.usesMatcher && open == null) {
                open = new Outcome(Result.UNDECIDED, "");
            }
            if (filter.rules == null) {
                continue;
            }
            Outcome outcome = filter.rules.decide(call);
            boolean deny = filter.rules.action().equals("DENY");
            allowFilter |= filter.rules.action().equals("ALLOW");
            if (outcome.result() == Result.DENIED) {
                decided = outcome;
                String because = deny
                        ? "policy " + outcome.policy() + " (DENY) matches"
                        : filter.rules.isEmpty()
                                ? "there is an ALLOW policy without rules, which lets nothing through"
                                : "there are ALLOW policies, and none of them lets it through";
                // What was left open before does not matter: either way the request is refused.
                AuthorizationDecision decision =
                        AuthorizationDecision.of(decided, because, dryRunDeny, dryRunAllow, custom);
                return new Decided(deny ? decision : decision.unmatched(filter.rules.names()), i);
            }
            if (outcome.result() == Result.UNDECIDED && open == null) {
                open = outcome;
            } else if (!outcome.policy().isEmpty()) {
                decided = outcome;
            }
        }
        if (open != null) {
            return new Decided(
                    AuthorizationDecision.of(
                            open,
                            open.policy().isEmpty()
                                    ? "the rules are a matcher tree, which is not taken apart here"
                                    : "policy " + open.policy() + " looks at something that is not known here",
                            dryRunDeny,
                            dryRunAllow,
                            custom),
                    -1);
        }
        String because = !decided.policy().isEmpty()
                ? "policy " + decided.policy() + " (ALLOW) matches"
                : allowFilter
                        ? "nothing forbids it"
                        : filters.isEmpty()
                                ? "no policy applies"
                                : "no DENY policy matches, and there is no ALLOW policy";
        return new Decided(AuthorizationDecision.of(decided, because, dryRunDeny, dryRunAllow, custom), -1);
    }
}
