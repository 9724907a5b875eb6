package dev.meshdx.configuration;

import dev.meshdx.model.Resource;
import java.util.List;
import java.util.Map;

/**
 * Which tokens requests may carry. Source: Istio, "RequestAuthentication".
 *
 * @param resource the resource
 */
public record RequestAuthentication(Resource resource) implements TypedResource {
    /** The labels of the workloads that it is for; empty for all. */
    public Map<String, String> selector() {
        return resource.spec().at("selector", "matchLabels").textMap();
    }

    /** What it is attached to instead of workloads. */
    public List<TargetReference> targets() {
        return TargetReference.of(resource);
    }

    /** Its rules. */
    public List<JwtRule> rules() {
        return resource.spec().at("jwtRules").items().stream()
                .map(rule -> new JwtRule(
                        rule.at("issuer").text(""),
                        rule.at("audiences").texts(),
                        rule.at("jwksUri").text("")))
                .toList();
    }

    /**
     * Whose tokens are accepted.
     *
     * @param issuer who signs them
     * @param audiences for whom they must be; empty for anybody
     * @param jwksUri where the keys come from; empty where they are written down or found through the issuer
     */
    public record JwtRule(String issuer, List<String> audiences, String jwksUri) {
        /** Copies the list. */
        public JwtRule {
            audiences = List.copyOf(audiences);
        }
    }

    /** One line. */
    @Override
    public String toString() {
        return ref() + ": issuers " + rules().stream().map(JwtRule::issuer).toList();
    }
}
