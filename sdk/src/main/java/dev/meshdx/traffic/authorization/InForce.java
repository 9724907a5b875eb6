package dev.meshdx.traffic.authorization;

import dev.meshdx.traffic.AuthorizationDecision;
import dev.meshdx.traffic.AuthorizationDecision.Outcome;
import dev.meshdx.traffic.AuthorizationDecision.Result;
import dev.meshdx.traffic.Trace;
import java.util.Optional;

/**
 * What a proxy's rules do with a request that was traced.
 *
 * @param decision what comes of it
 * @param reached whether it came to the rules, or would have come to some
 */
record InForce(AuthorizationDecision decision, boolean reached) {
    static InForce of(Trace trace) {
        if (trace.authorization().isPresent()) {
            return new InForce(settled(trace.authorization().get()), true);
        }
        return switch (trace.kind()) {
            case ROUTE,
                    TCP,
                    DIRECT_RESPONSE,
                    REDIRECT,
                    TLS_REDIRECT,
                    NO_ROUTE,
                    NO_VIRTUAL_HOST,
                    NO_ROUTE_CONFIG,
                    NO_CLUSTER,
                    NO_HEALTHY_UPSTREAM ->
                new InForce(decision(Result.ALLOWED, "the proxy has no authorization rules here"), true);
            case DENIED ->
                // Envoy authenticates before it authorizes, and so does istiod order the filters.
                new InForce(
                        decision(
                                Result.DENIED,
                                "it is refused before the authorization rules: "
                                        + trace.responseCodeDetails().orElse(trace.outcome())),
                        false);
            case UPGRADE_REJECTED,
                    REJECTED,
                    FAULT_INJECTED,
                    CODEC_ERROR,
                    NO_FILTER_CHAIN,
                    TLS_ERROR,
                    NO_REQUEST,
                    NO_LISTENER ->
                new InForce(
                        decision(
                                Result.UNDECIDED,
                                "it does not come to the authorization rules: it "
                                        + trace.outcome().strip()),
                        false);
        };
    }

    static AuthorizationDecision decision(Result result, String because) {
        return AuthorizationDecision.of(new Outcome(result, ""), because, null, null, null);
    }

    /** Where an external authorizer is asked, the rules alone decide nothing but a refusal. */
    static AuthorizationDecision settled(AuthorizationDecision decision) {
        Optional<Outcome> custom =
                decision.custom().filter(outcome -> !outcome.policy().isEmpty());
        if (decision.result() != Result.ALLOWED || custom.isEmpty()) {
            return decision;
        }
        return AuthorizationDecision.of(
                new Outcome(Result.UNDECIDED, custom.get().policy()),
                custom.get().result() == Result.UNDECIDED
                        ? "policy " + custom.get().policy() + " (CUSTOM) looks at something that is not known here"
                        : "policy " + custom.get().policy() + " (CUSTOM) matches, so an external authorizer decides",
                decision.dryRunDeny().orElse(null),
                decision.dryRunAllow().orElse(null),
                decision.custom().orElse(null));
    }
}
