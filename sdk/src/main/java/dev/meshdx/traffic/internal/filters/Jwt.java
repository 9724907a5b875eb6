package dev.meshdx.traffic.internal.filters;

import dev.meshdx.envoy.RouteMatch;
import dev.meshdx.error.MeshException;
import dev.meshdx.model.Json;
import dev.meshdx.traffic.internal.Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What JWT authentication makes of a request, as far as the request itself tells: whether a token is there, who issued it and
 * for whom. That its signature holds and its time has not passed is not looked at. Source: Envoy,
 * {@code extensions/filters/http/jwt_authn/v3/config.proto} and {@code source/extensions/filters/http/jwt_authn}.
 */
final class Jwt {
    /** Source: google/jwt_verify_lib, {@code src/jwt.cc}. */
    private static final Set<String> ALGORITHMS = Set.of(
            "ES256", "ES384", "ES512", "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
            "EdDSA");

    private static final String MISSING = "Jwt is missing";

    /**
     * What came of it.
     *
     * @param error why it is refused, in Envoy's words; empty where it is not
     * @param claims the payloads that the filter hands on, by the keys that it is told; empty for none
     * @param because for people
     */
    record Verdict(String error, Map<String, Json> claims, String because) {
        boolean isRefused() {
            return !error.isEmpty();
        }

        int code() {
            return error.startsWith("Audiences") ? 403 : 401;
        }

        String details() {
            return "jwt_authn_access_denied{" + error.replace(' ', '_') + "}";
        }
    }

    private final Json config;
    private final Headers headers;
    private final Map<String, Json> claims = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();

    private Jwt(Json config, Headers headers) {
        this.config = config;
        this.headers = headers;
    }

    /**
     * Looks at a request.
     *
     * @param requirement the name of the requirement that the route sets; empty where it sets none
     * @param matches whether a rule is for the request
     */
    static Verdict verdict(
            Json config, String requirement, Headers headers, java.util.function.Predicate<Json> matches) {
        Jwt jwt = new Jwt(config, headers);
        if (config.at("bypass_cors_preflight").bool(false) && isPreflight(headers)) {
            return new Verdict("", Map.of(), "preflight requests need no token");
        }
        Json wanted = Json.MISSING;
        if (!requirement.isEmpty()) {
            wanted = config.at("requirement_map").at(requirement);
        } else {
            for (Json rule : config.at("rules").items()) {
                if (matches.test(rule.at("match"))) {
                    wanted = rule.at("requires").exists()
                            ? rule.at("requires")
                            : config.at("requirement_map")
                                    .at(rule.at("requirement_name").text(""));
                    break;
                }
            }
        }
        String error = wanted.exists() ? jwt.check(wanted) : "";
        String because = error.isEmpty() ? String.join("; ", jwt.notes) : error;
        return new Verdict(error, error.isEmpty() ? jwt.claims : Map.of(), because);
    }

    /** Whether a browser asks whether it may call. */
    static boolean isPreflight(Headers headers) {
        return headers.method().equals("OPTIONS")
                && headers.first("origin").filter(value -> !value.isEmpty()).isPresent()
                && headers.first("access-control-request-method")
                        .filter(value -> !value.isEmpty())
                        .isPresent();
    }

    /** The error; empty where the requirement is met. */
    private String check(Json requirement) {
        if (requirement.at("provider_name").exists()) {
            return provider(requirement.at("provider_name").text(""), List.of());
        }
        if (requirement.at("provider_and_audiences").exists()) {
            Json named = requirement.at("provider_and_audiences");
            return provider(
                    named.at("provider_name").text(""), named.at("audiences").texts());
        }
        if (requirement.at("requires_all").exists()) {
            for (Json one : requirement.at("requires_all", "requirements").items()) {
                String error = check(one);
                if (!error.isEmpty()) {
                    return error;
                }
            }
            return "";
        }
        if (requirement.at("requires_any").exists()) {
            return any(requirement.at("requires_any", "requirements").items());
        }
        if (requirement.at("allow_missing").exists()) {
            return tokens(config.at("providers")).isEmpty() ? "" : "Jwt issuer is not configured";
        }
        return "";
    }

    /** The first requirement that is met; else the error of one that looked at a token, or of a missing one. */
    private String any(List<Json> requirements) {
        String worst = "";
        boolean allowsMissing = false;
        for (Json one : requirements) {
            if (one.at("allow_missing").exists()) {
                allowsMissing = true;
            } else if (one.at("allow_missing_or_failed").exists()) {
                notes.add("a missing or bad token is let through");
                return "";
            } else {
                String error = check(one);
                if (error.isEmpty()) {
                    return "";
                }
                if (worst.isEmpty() || worst.equals(MISSING)) {
                    worst = error;
                }
            }
        }
        if (allowsMissing && (worst.isEmpty() || worst.equals(MISSING))) {
            notes.add("there is no token, which is let through");
            return "";
        }
        return worst;
    }

    private String provider(String name, List<String> audiences) {
        Json provider = config.at("providers").at(name);
        List<String> tokens = tokens(Json.object(name, provider));
        if (tokens.isEmpty()) {
            return MISSING;
        }
        String error = "";
        for (String token : tokens) {
            error = check(token, name, provider, audiences);
            if (!error.isEmpty()) {
                return error;
            }
        }
        return error;
    }

    private String check(String token, String name, Json provider, List<String> wanted) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3 || parts[2].isEmpty()) {
            return "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections";
        }
        Json payload = Json.MISSING;
        for (String part : List.of("header", "payload")) {
            Optional<String> text = decode(parts[part.equals("header") ? 0 : 1]);
            if (text.isEmpty()) {
                return "Jwt " + part + " is an invalid Base64url encoded";
            }
            payload = object(text.get());
            if (!payload.isObject()) {
                return "Jwt " + part + " is an invalid JSON";
            }
            String algorithm = payload.at("alg").text("");
            if (part.equals("header") && !ALGORITHMS.contains(algorithm)) {
                return "Jwt header [alg] is not supported";
            }
        }
        if (decode(parts[2]).isEmpty()) {
            return "Jwt signature is an invalid Base64url encoded";
        }
        String issuer = provider.at("issuer").text("");
        if (!issuer.isEmpty() && !payload.at("iss").text("").equals(issuer)) {
            return "Jwt issuer is not configured";
        }
        List<String> audiences = wanted.isEmpty() ? provider.at("audiences").texts() : wanted;
        Json aud = payload.at("aud");
        List<String> own = aud.isText() ? List.of(aud.text("")) : aud.texts();
        if (!audiences.isEmpty() && own.stream().noneMatch(audiences::contains)) {
            return "Audiences in Jwt are not allowed";
        }
        Json claimed = payload;
        provider.at("payload_in_metadata")
                .text()
                .filter(key -> !key.isEmpty())
                .ifPresent(key -> claims.put(key, claimed));
        notes.add("the token is for provider " + name + "; whether its signature holds and its time has not passed is"
                + " not looked at here");
        return "";
    }

    private static Optional<String> decode(String part) {
        try {
            return Optional.of(new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Json object(String text) {
        try {
            return Json.parse(text);
        } catch (MeshException e) {
            return Json.MISSING;
        }
    }

    /** The tokens at the places where the providers look. */
    private List<String> tokens(Json providers) {
        List<String> tokens = new ArrayList<>();
        for (String name : providers.names()) {
            Json provider = providers.at(name);
            boolean own = provider.at("from_headers").size() > 0
                    || provider.at("from_params").size() > 0
                    || provider.at("from_cookies").size() > 0;
            if (!own) {
                headers.first("authorization")
                        .filter(value -> value.startsWith("Bearer "))
                        .ifPresent(value -> tokens.add(value.substring(7).strip()));
                headers.query("access_token").ifPresent(tokens::add);
            }
            for (Json from : provider.at("from_headers").items()) {
                String prefix = from.at("value_prefix").text("");
                headers.first(from.at("name").text(""))
                        .filter(value -> value.contains(prefix))
                        .ifPresent(value -> tokens.add(value.substring(value.indexOf(prefix) + prefix.length())
                                .strip()));
            }
            provider.at("from_params")
                    .texts()
                    .forEach(param -> headers.query(param).ifPresent(tokens::add));
            provider.at("from_cookies")
                    .texts()
                    .forEach(cookie -> headers.cookie(cookie).ifPresent(tokens::add));
        }
        return tokens;
    }

    /** Whether routes are looked for anew with what the filter found out. */
    static boolean clearsRouteCache(Json config) {
        Json providers = config.at("providers");
        return providers.names().stream()
                .anyMatch(name -> providers.at(name).at("clear_route_cache").bool(false));
    }

    /** The rule's match, as routes have it. */
    static RouteMatch match(Json match) {
        return RouteMatch.of(match);
    }
}
