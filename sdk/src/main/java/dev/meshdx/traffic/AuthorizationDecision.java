package dev.meshdx.traffic;

import dev.meshdx.annotation.Internal;
import dev.meshdx.model.ResourceRef;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whether authorization rules let a request through, and which one decides. Immutable. Source: Envoy,
 * {@code extensions/filters/http/rbac/v3/rbac.proto}; Istio, "Authorization Policy" and
 * {@code pilot/pkg/security/authz/builder/builder.go} for the names of the policies.
 */
public final class AuthorizationDecision {
    private static final Pattern NAME = Pattern.compile("ns\\[([^\\]]*)]-policy\\[([^\\]]*)]-rule\\[(\\d*)]");

    /** What comes of it. */
    public enum Result {
        /** The request goes on. */
        ALLOWED("allowed"),
        /** It is refused. */
        DENIED("denied"),
        /** It depends on something that is not known here; the reason names it. */
        UNDECIDED("undecided");

        private final String text;

        Result(String text) {
            this.text = text;
        }

        /** In lower case, as in JSON. */
        @Override
        public String toString() {
            return text;
        }
    }

    /**
     * What one set of rules says.
     *
     * @param result what comes of it
     * @param policy the name of the policy that matched, as the proxy has it; empty where none did
     */
    public record Outcome(Result result, String policy) {
        /** {@code denied by ns[shop]-policy[readers]-rule[0]}. */
        @Override
        public String toString() {
            return policy.isEmpty() ? result + ", no rule matches" : result + " by " + policy;
        }
    }

    private final Outcome outcome;
    private final String because;
    private final @Nullable Outcome dryRunDeny;
    private final @Nullable Outcome dryRunAllow;
    private final @Nullable Outcome custom;
    private final List<ResourceRef> unmatched;

    private AuthorizationDecision(
            Outcome outcome,
            String because,
            @Nullable Outcome dryRunDeny,
            @Nullable Outcome dryRunAllow,
            @Nullable Outcome custom,
            List<ResourceRef> unmatched) {
        this.outcome = Objects.requireNonNull(outcome, "outcome");
        this.because = because;
        this.dryRunDeny = dryRunDeny;
        this.dryRunAllow = dryRunAllow;
        this.custom = custom;
        this.unmatched = List.copyOf(unmatched);
    }

    /** Makes one. */
    @Internal
    public static AuthorizationDecision of(
            Outcome outcome,
            String because,
            @Nullable Outcome dryRunDeny,
            @Nullable Outcome dryRunAllow,
            @Nullable Outcome custom) {
        return new AuthorizationDecision(outcome, because, dryRunDeny, dryRunAllow, custom, List.of());
    }

    /** The same where no policy matched, with the names of those of which one would have had to. */
    @Internal
    public AuthorizationDecision unmatched(Collection<String> policies) {
        Set<ResourceRef> refs = new LinkedHashSet<>();
        policies.forEach(name -> resource(name).ifPresent(refs::add));
        return new AuthorizationDecision(outcome, because, dryRunDeny, dryRunAllow, custom, List.copyOf(refs));
    }

    private static Optional<ResourceRef> resource(String policy) {
        Matcher matcher = NAME.matcher(policy);
        return matcher.find()
                ? Optional.of(ResourceRef.of("AuthorizationPolicy", matcher.group(1), matcher.group(2)))
                : Optional.empty();
    }

    /** What comes of it. */
    public Result result() {
        return outcome.result();
    }

    /**
     * The policy that decides, as the proxy names it: {@code ns[shop]-policy[readers]-rule[0]}; empty where none matched: then
     * nothing forbids the request, or it is refused because there are ALLOW policies and none of them lets it through.
     */
    public Optional<String> policy() {
        return Optional.of(outcome.policy()).filter(name -> !name.isEmpty());
    }

    /** The AuthorizationPolicy that decides, where one does and the name tells it. */
    public Optional<ResourceRef> configuredBy() {
        return resource(outcome.policy());
    }

    /** Where no policy matched and the request is refused for that: the ALLOW policies, one of which would have had to. */
    public List<ResourceRef> unmatched() {
        return unmatched;
    }

    /** Which of its rules, from 0. */
    public OptionalInt rule() {
        Matcher matcher = NAME.matcher(outcome.policy());
        return matcher.find() && !matcher.group(3).isEmpty()
                ? OptionalInt.of(Integer.parseInt(matcher.group(3)))
                : OptionalInt.empty();
    }

    /** What the DENY policies that are only tried would say ({@code istio.io/dry-run}); empty where there are none. */
    public Optional<Outcome> dryRunDeny() {
        return Optional.ofNullable(dryRunDeny);
    }

    /**
     * What the ALLOW policies that are only tried would say; empty where there are none, or where the request is refused before
     * they are looked at.
     */
    public Optional<Outcome> dryRunAllow() {
        return Optional.ofNullable(dryRunAllow);
    }

    /**
     * Whether an external authorizer is asked (policies with action CUSTOM), and by which rule; denied means that it is asked.
     * Empty where there are no such policies.
     */
    public Optional<Outcome> custom() {
        return Optional.ofNullable(custom);
    }

    /** Why, in a sentence. */
    public String because() {
        return because;
    }

    /** {@code result}, {@code policy} and {@code dryRun} by their names in JSON, without what there is nothing to say about. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>(fields(outcome));
        Map<String, Object> dryRun = new LinkedHashMap<>();
        dryRunDeny().ifPresent(tried -> dryRun.put("deny", fields(tried)));
        dryRunAllow().ifPresent(tried -> dryRun.put("allow", fields(tried)));
        if (!dryRun.isEmpty()) {
            fields.put("dryRun", dryRun);
        }
        return java.util.Collections.unmodifiableMap(fields);
    }

    private static Map<String, Object> fields(Outcome outcome) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("result", outcome.result().toString());
        if (!outcome.policy().isEmpty()) {
            fields.put("policy", outcome.policy());
        }
        return fields;
    }

    /** One line, and one for each dry run. */
    @Override
    public String toString() {
        return outcome.result() + ": " + because
                + dryRunDeny()
                        .map(tried -> "\n  DENY policies in dry run: " + tried)
                        .orElse("")
                + dryRunAllow()
                        .map(tried -> "\n  ALLOW policies in dry run: " + tried)
                        .orElse("");
    }
}
