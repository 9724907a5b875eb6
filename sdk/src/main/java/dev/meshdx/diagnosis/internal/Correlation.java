package dev.meshdx.diagnosis.internal;

import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Scope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Tells causes from what they cause. A finding is explained when a rule says that findings of one code bring about those of
 * the other, and both speak of the same thing. Pure.
 */
final class Correlation {
    private enum Relation {
        /** The cause reaches everything (a control plane that is down). */
        ANY,
        /** The cause names what the effect is about: for a failed request its destination, not who saw it. */
        ABOUT,
        /** The cause names one of the two that could not talk. */
        EITHER_END,
        /** The cause was seen by the server that the effect is about. */
        AT_SERVER,
        /** Both are about the same destination. */
        SAME_DESTINATION,
        /** Both have the same subject. */
        SAME_SUBJECT,
        /** The effect names the cause's subject as what decided it. */
        QUOTED,
        /** The cause is a policy that denied something, or one of those that should have allowed it at that server. */
        DENIED_BY
    }

    private record Rule(Relation relation, Set<String> causes, Set<String> effects) {}

    private static Rule rule(Relation relation, String causes, String effects) {
        return new Rule(relation, Set.of(causes.split(" ")), Set.of(effects.split(" ")));
    }

    /** In no particular order: a chain of causes (hung proxy → stale → no endpoints) takes several rules. */
    private static final List<Rule> RULES = List.of(
            // No istiod: proxies lose their stream and go on with what they have, stale endpoints included.
            rule(
                    Relation.ANY,
                    "MDX0101",
                    "MDX0102 MDX0104 MDX0106 MDX0303 MDX0308 MDX0309 MDX0310 MDX0401 MDX0402 MDX0414"),
            // A proxy that hangs, was killed or does not come up neither acknowledges nor serves.
            rule(
                    Relation.ABOUT,
                    "MDX0107 MDX0108 MDX0151 MDX0152 MDX0153 MDX0154 MDX0155",
                    "MDX0104 MDX0106 MDX0303 MDX0309 MDX0401 MDX0402 MDX0407 MDX0411 MDX0412 MDX0414"),
            rule(Relation.ABOUT, "MDX0104 MDX0106", "MDX0414"),
            rule(Relation.ABOUT, "MDX0105", "MDX0304 MDX0306"),
            // No pods behind a service.
            rule(Relation.ABOUT, "MDX0109", "MDX0303 MDX0309 MDX0402 MDX0401"),
            rule(Relation.ABOUT, "MDX0303", "MDX0402"),
            // A reference that leads nowhere.
            rule(Relation.ABOUT, "IST0101", "MDX0302 MDX0303 MDX0305 MDX0405 MDX0507"),
            rule(Relation.ABOUT, "MDX0237 MDX0238 MDX0267", "MDX0302 MDX0405"),
            rule(Relation.ABOUT, "MDX0230 MDX0235 MDX0236", "MDX0301 MDX0404"),
            rule(Relation.SAME_SUBJECT, "MDX0235 MDX0236 MDX0237 MDX0238 MDX0241 MDX0242", "IST0171"),
            // A service or a subset that selects nothing, and routes to somewhere else that nobody looks at.
            rule(Relation.ABOUT, "IST0173 MDX0222 MDX0286", "MDX0303 MDX0402"),
            // A host that is there, and that the client's proxy was never told of: BlackHoleCluster, no cluster, no
            // route.
            rule(Relation.ABOUT, "MDX0268 MDX0269", "MDX0302 MDX0405 MDX0413 MDX0416"),
            rule(Relation.ABOUT, "MDX0269", "MDX0301 MDX0404"),
            rule(Relation.ABOUT, "MDX0224 MDX0272", "MDX0405 MDX0416"),
            // Certificates of gateways: what cannot be used is not sent.
            rule(Relation.ABOUT, "IST0161 MDX0280 MDX0281 MDX0282 MDX0285", "MDX0305 MDX0310 MDX0507"),
            // A proxy that refused, or never received, what its listeners ask for answers 404, or resets.
            rule(Relation.SAME_SUBJECT, "MDX0304 MDX0305", "MDX0308 MDX0310"),
            rule(Relation.SAME_SUBJECT, "MDX0308", "MDX0404"),
            rule(Relation.ABOUT, "MDX0310", "MDX0507"),
            rule(Relation.EITHER_END, "MDX0310", "MDX0401 MDX0403 MDX0412"),
            rule(Relation.SAME_SUBJECT, "MDX0280 MDX0281 MDX0282", "IST0171"),
            // Timeouts: the very route that gave up. Where none holds, clients give up.
            rule(Relation.QUOTED, "MDX0290 MDX0292", "MDX0407"),
            rule(Relation.ABOUT, "MDX0286 MDX0291", "MDX0411"),
            rule(Relation.ABOUT, "MDX0302", "MDX0405"),
            rule(Relation.ABOUT, "MDX0507", "MDX0305"),
            rule(Relation.ABOUT, "MDX0301", "MDX0404"),
            // No waypoint: the status only says that it is not ready, or not bound.
            rule(Relation.SAME_SUBJECT, "MDX0245 MDX0248 MDX0249 MDX0250 MDX0251 MDX0261", "IST0171"),
            rule(Relation.ABOUT, "MDX0249 MDX0251", "IST0171"),
            // A pod that ztunnel does not serve is not in the mesh, so a policy finds nobody.
            rule(Relation.ABOUT, "MDX0262", "IST0127"),
            // Nor is one that nobody injects.
            rule(Relation.ABOUT, "MDX0295", "IST0115 IST0127 MDX0501"),
            // A policy that asks for what no request has.
            rule(Relation.DENIED_BY, "MDX0206 MDX0207 MDX0208 MDX0210 MDX0287", "MDX0408"),
            // mTLS modes that do not meet: the server hangs up, or refuses the bytes.
            rule(Relation.ABOUT, "IST0113 MDX0212 MDX0214 MDX0217", "MDX0501 MDX0401 MDX0403 MDX0412 MDX0413"),
            rule(Relation.ABOUT, "IST0115", "MDX0501 MDX0401 MDX0403 MDX0412"),
            rule(Relation.ABOUT, "MDX0501", "MDX0401 MDX0403 MDX0412 MDX0413"),
            // Certificates: whoever holds the bad one is refused as server and as client.
            rule(Relation.EITHER_END, "MDX0502", "MDX0401 MDX0403 MDX0412 MDX0506"),
            rule(Relation.EITHER_END, "MDX0504", "MDX0401 MDX0403 MDX0412 MDX0505 MDX0506"),
            rule(Relation.EITHER_END, "MDX0506", "MDX0401 MDX0403 MDX0412"),
            rule(Relation.SAME_DESTINATION, "MDX0403", "MDX0401"),
            // What the server's proxy says first hand, its clients only pass on.
            rule(
                    Relation.AT_SERVER,
                    "MDX0401 MDX0402 MDX0403 MDX0404 MDX0405 MDX0406 MDX0407 MDX0410 MDX0412",
                    "MDX0415"),
            rule(Relation.AT_SERVER, "MDX0408", "MDX0408"),
            rule(Relation.AT_SERVER, "MDX0401", "MDX0401"),
            // An overload or an ejection shows as missing endpoints to the next request.
            rule(Relation.SAME_DESTINATION, "MDX0401 MDX0407 MDX0412", "MDX0402 MDX0303 MDX0309"),
            // An istiod without memory is killed, one without CPU is slow.
            rule(Relation.SAME_SUBJECT, "MDX0103 MDX0123", "MDX0102 MDX0117"));

    /** What explains most comes first; among equals, what an operator can change comes before what was only seen. */
    private static final List<String> FAMILIES = List.of(
            "MDX0101", "MDX0110", "MDX0111", "MDX0112", "MDX0116", "IST", "MDX02", "MDX03", "MDX05", "MDX0107",
            "MDX0109", "MDX01", "MDX04");

    /**
     * Advice on how something is written (deprecated, fragile, without effect): worth a look on a quiet day, but no cause of
     * what is seen tonight.
     */
    private static final Set<String> ADVICE = Set.of(
            ("IST0002 IST0107 IST0108 IST0116 IST0125 IST0128 IST0129 IST0133 IST0134 IST0151 IST0155 IST0165 IST0175"
                            + " IST0176 MDX0205 MDX0209 MDX0211 MDX0213 MDX0215 MDX0216 MDX0220 MDX0221 MDX0223 MDX0225"
                            + " MDX0226 MDX0227 MDX0228 MDX0232 MDX0234 MDX0243 MDX0253 MDX0259 MDX0260 MDX0266 MDX0271"
                            + " MDX0288 MDX0289 MDX0293")
                    .split(" "));

    /**
     * What does no harm until something else goes wrong, or until somebody really does what was only written down: a cause
     * where its effect is seen and nothing else explains it, and advice otherwise.
     */
    private static final Set<String> RISKS = Set.of("MDX0224", "MDX0272", "MDX0290", "MDX0291", "MDX0292");

    private final List<Finding> causes = new ArrayList<>();
    private final List<Finding> others = new ArrayList<>();
    private final Map<Finding, List<Finding>> effects = new LinkedHashMap<>();
    private final Scope scope;

    private Correlation(Scope scope) {
        this.scope = scope;
    }

    /** Puts findings in order, those first that matter most to the scope. */
    static Correlation of(List<Finding> findings, Scope scope) {
        Correlation result = new Correlation(scope);
        List<Names> names = findings.stream().map(Names::of).toList();
        Set<Finding> explained = new HashSet<>();
        // Risks come second: they explain only what nothing else does.
        for (boolean risks : List.of(false, true)) {
            Set<Finding> before = Set.copyOf(explained);
            for (int i = 0; i < findings.size(); i++) {
                Finding cause = findings.get(i);
                if (isRisk(cause) != risks) {
                    continue;
                }
                List<Rule> rules = cause.severity() == Severity.INFO || isAdvice(cause)
                        ? List.of()
                        : RULES.stream()
                                .filter(rule -> rule.causes.contains(cause.code()))
                                .toList();
                List<Finding> mine = new ArrayList<>();
                for (int j = 0; j < findings.size() && !rules.isEmpty(); j++) {
                    Finding effect = findings.get(j);
                    if (!effect.equals(cause)
                            && !(risks && before.contains(effect))
                            && explains(rules, cause, names.get(i), effect, names.get(j))) {
                        mine.add(effect);
                        explained.add(effect);
                    }
                }
                result.effects.put(cause, mine);
            }
        }
        for (Finding finding : findings) {
            boolean harmless = finding.severity() == Severity.INFO
                    || isAdvice(finding)
                    || (isRisk(finding)
                            && result.effectsOf(finding).stream()
                                    .allMatch(effect -> effect.severity() == Severity.INFO));
            if (!harmless && !explained.contains(finding)) {
                result.causes.add(finding);
            } else {
                result.others.add(finding);
            }
        }
        result.causes.sort(Comparator.comparing(result::severity)
                .thenComparing(cause -> -result.weight(cause))
                .thenComparing(Correlation::family)
                .thenComparing(Comparator.naturalOrder()));
        result.others.sort(Comparator.comparing((Finding other) -> !explained.contains(other))
                .thenComparing(Comparator.naturalOrder()));
        return result;
    }

    /**
     * Whether it only says how the configuration could be better. What a check is sure breaks something is never advice,
     * whatever its code; what it only wants to have mentioned always is.
     */
    static boolean isAdvice(Finding finding) {
        boolean configuration =
                finding.code().startsWith("IST") || finding.code().startsWith("MDX02");
        return finding.severity() == Severity.INFO
                ? configuration
                : finding.severity() == Severity.WARNING && ADVICE.contains(finding.code());
    }

    /** Whether it is harmless as long as nothing else goes wrong. */
    static boolean isRisk(Finding finding) {
        return finding.severity() == Severity.WARNING && RISKS.contains(finding.code());
    }

    private static boolean explains(List<Rule> rules, Finding cause, Names ofCause, Finding effect, Names ofEffect) {
        // Of two that say the same, only the graver one can be the cause.
        if (cause.code().equals(effect.code()) && cause.severity().compareTo(effect.severity()) >= 0) {
            return false;
        }
        return rules.stream()
                .filter(rule -> rule.effects.contains(effect.code()))
                .anyMatch(rule -> switch (rule.relation) {
                    // An application that does not listen is nobody else's fault.
                    case ANY -> !(effect.code().equals("MDX0401") && ofEffect.inbound());
                    case ABOUT -> meet(ofCause.all(), ofEffect.about());
                    case EITHER_END -> meet(ofCause.all(), ofEffect.about()) || meet(ofCause.all(), ofEffect.subject());
                    case AT_SERVER ->
                        !cause.subject().equals(effect.subject()) && meet(ofCause.subject(), ofEffect.about());
                    case SAME_DESTINATION -> meet(ofCause.about(), ofEffect.about());
                    case SAME_SUBJECT -> cause.subject().equals(effect.subject());
                    case QUOTED -> quotes(effect, cause);
                    case DENIED_BY ->
                        quotes(effect, cause)
                                || (effect.message().contains("none of them matches")
                                        && cause.subject().kind().equals("AuthorizationPolicy")
                                        && cause.subject()
                                                .namespace()
                                                .equals(effect.subject().namespace())
                                        && meet(ofCause.all(), ofEffect.about()));
                });
    }

    /** Whether a finding's message names the subject of another: {@code VirtualService production/details}. */
    private static boolean quotes(Finding finding, Finding other) {
        return Pattern.compile(Pattern.quote(other.subject().toString()) + "(?![a-z0-9-]|\\.[a-z0-9])")
                .matcher(finding.message())
                .find();
    }

    private static boolean meet(Set<String> one, Set<String> other) {
        return one.stream().anyMatch(other::contains);
    }

    /** Codes that rules take for causes. */
    static Set<String> causesInRules() {
        return RULES.stream().flatMap(rule -> rule.causes.stream()).collect(Collectors.toUnmodifiableSet());
    }

    /** How bad a cause is with what it brings about: a warning that makes requests fail is an error. */
    Severity severity(Finding cause) {
        Severity worst = cause.severity();
        for (Finding effect : effectsOf(cause)) {
            worst = effect.severity().atLeast(worst) ? effect.severity() : worst;
        }
        return worst;
    }

    /** What is seen to happen, and what is about the very pod in question, counts more than what might happen. */
    private int weight(Finding cause) {
        boolean seen = cause.code().startsWith("MDX04");
        boolean own = scope.isPod()
                && cause.subject().kind().equals("Pod")
                && cause.subject().name().equals(scope.pod())
                && cause.subject().namespace().equals(scope.namespace());
        return effectsOf(cause).size() + (seen || own ? 1 : 0);
    }

    private static int family(Finding finding) {
        for (int i = 0; i < FAMILIES.size(); i++) {
            if (finding.code().startsWith(FAMILIES.get(i))) {
                return i;
            }
        }
        return FAMILIES.size();
    }

    /** What nothing explains, the likeliest cause first. */
    List<Finding> causes() {
        return causes;
    }

    /** What is explained, then what is only worth knowing. */
    List<Finding> others() {
        return others;
    }

    /** What a cause explains. */
    List<Finding> effectsOf(Finding cause) {
        return effects.getOrDefault(cause, List.of());
    }
}
