package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Field;
import dev.meshdx.configuration.internal.Urls;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Set;

/**
 * What a RequestAuthentication must look like. Source: istio/istio, {@code validation.go},
 * {@code ValidateRequestAuthentication}.
 */
public final class RequestAuthenticationSchemaCheck extends SchemaCheck {
    public RequestAuthenticationSchemaCheck() {
        super(ResourceKind.REQUEST_AUTHENTICATION, "RequestAuthentication");
    }

    @Override
    void check(Resource resource, String namespace, Field spec, Problems problems) {
        Values.checkAttachment(spec, problems);
        for (Field rule : spec.at("jwtRules").items()) {
            if (rule.value().isNull()) {
                problems.error(rule, "a JWT rule must not be null");
            } else {
                checkRule(rule, problems);
            }
        }
    }

    private static void checkRule(Field rule, Problems problems) {
        String uri = rule.at("jwksUri").text();
        problems.require(
                !rule.at("issuer").text().isEmpty() || !uri.isEmpty(),
                rule,
                "a JWT rule must have an issuer or a jwksUri");
        problems.require(
                uri.isEmpty() || isUrl(uri),
                rule.at("jwksUri"),
                "jwksUri \"" + uri + "\" must be an http or https URL");
        if (!rule.at("jwks").text().isEmpty()) {
            // The keys are public, but nobody needs them in a message.
            problems.require(
                    isKeySet(rule.at("jwks").text()),
                    new Field(rule.at("jwks").path(), Json.of("(a text that is not a JSON Web Key Set)")),
                    "jwks is not a JSON Web Key Set");
            adviseKeys(rule.at("jwks"), problems);
        }
        for (String name : List.of("audiences", "fromParams", "fromCookies")) {
            for (Field item : rule.at(name).items()) {
                problems.require(!item.text().isEmpty(), item, name + " must not have empty items");
            }
        }
        for (Field header : rule.at("fromHeaders").items()) {
            problems.require(
                    !header.at("name").text().isEmpty(), header.at("name"), "a header in fromHeaders must have a name");
        }
        for (Field claim : rule.at("outputClaimToHeaders").items()) {
            String header = claim.at("header").text();
            problems.require(
                    header.matches("[A-Za-z0-9_-]+"),
                    claim.at("header"),
                    "\"" + header + "\" is not a header that a claim can be copied to");
            problems.require(
                    !claim.at("claim").text().isEmpty(), claim.at("claim"), "outputClaimToHeaders must name the claim");
        }
        Values.checkDuration(rule.at("timeout"), problems);
    }

    private static boolean isUrl(String text) {
        return Urls.parse(text)
                .map(Urls.Url::scheme)
                .filter(List.of("http", "https")::contains)
                .isPresent();
    }

    /** Whoever may read the resource may then sign tokens. Source: RFC 7518, sections 6.2.2, 6.3.2 and 6.4. */
    private static void adviseKeys(Field jwks, Problems problems) {
        if (!isKeySet(jwks.text())) {
            return;
        }
        Json set = Json.parse(jwks.text());
        List<Json> keys = set.at("keys").exists() ? set.at("keys").items() : List.of(set);
        for (int i = 0; i < keys.size(); i++) {
            Json key = keys.get(i);
            String type = key.at("kty").text("");
            problems.advise(
                    !key.at("d").exists() && !type.equals("oct"),
                    new Field(jwks.path(), Json.of("(key " + i + " of type " + type + ")")),
                    "key " + i + " in " + jwks.path() + " is a private or symmetric one; only public keys belong here");
        }
    }

    /** Source: RFC 7517, section 4.1, and RFC 8037: the type is required, and there are four. */
    private static boolean isKey(Json key) {
        return Set.of("RSA", "EC", "oct", "OKP").contains(key.at("kty").text(""));
    }

    private static boolean isKeySet(String text) {
        try {
            Json set = Json.parse(text);
            // A single key is read as a set of one.
            return set.at("keys").exists()
                    ? set.at("keys").isArray()
                            && set.at("keys").items().stream().allMatch(RequestAuthenticationSchemaCheck::isKey)
                    : isKey(set);
        } catch (MeshProtocolException e) {
            return false;
        }
    }
}
