package dev.meshdx.traffic.internal.rbac;

import dev.meshdx.configuration.AuthorizationPolicy.Action;
import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * One rule of an AuthorizationPolicy as a policy of Envoy's filter. Sources: istio/istio,
 * {@code pilot/pkg/security/authz/model/model.go} and {@code generator.go}.
 *
 * <p>What cannot be translated (a field of HTTP on a TCP filter, a value that is none): a rule that allows is dropped whole, so
 * that it allows less; from a rule that refuses, notes or asks, the value is left out, so that it does more. A condition that
 * istiod does not know drops the rule, whatever its action.
 */
final class RuleTranslation {
    private static final String SPIFFE = "spiffe://";
    private static final String HEADERS = "request.headers";
    private static final String CLAIMS = "request.auth.claims";
    private static final String FILTERS = "experimental.envoy.filters.";

    /** What cannot be translated. */
    private static final class Untranslatable extends Exception {
        private static final long serialVersionUID = 1L;

        private final String path;

        Untranslatable(String path, String why) {
            super(why, null, false, false);
            this.path = path;
        }
    }

    /** One value; empty where it is none, and then the text says what it should be. */
    private interface OneMatcher extends Function<String, Optional<Json>> {}

    /** All values of a list at once. */
    private interface ListMatcher extends Function<List<String>, Json> {}

    /**
     * What a field is about.
     *
     * @param httpOnly whether only requests have it
     * @param wanted what a value has to be
     * @param one how a value is matched; unused where there is {@code all}
     * @param all how a list of values is matched
     */
    private record Attribute(boolean httpOnly, String wanted, Optional<OneMatcher> one, Optional<ListMatcher> all) {
        static Attribute of(Function<String, Json> matcher) {
            return new Attribute(false, "", Optional.of(value -> Optional.of(matcher.apply(value))), Optional.empty());
        }

        static Attribute http(Function<String, Json> matcher) {
            return new Attribute(true, "", Optional.of(value -> Optional.of(matcher.apply(value))), Optional.empty());
        }

        static Attribute checked(String field, String wanted, Function<String, Optional<Json>> matcher) {
            OneMatcher one = value -> matcher.apply(value).map(json -> Json.object(field, json));
            return new Attribute(false, wanted, Optional.of(one), Optional.empty());
        }

        static Attribute list(ListMatcher matcher) {
            return new Attribute(true, "", Optional.empty(), Optional.of(matcher));
        }

        /** Nothing can match it, because its key is written in a way that says nothing. */
        static Attribute never(boolean httpOnly, String wanted) {
            return new Attribute(httpOnly, wanted, Optional.of(value -> Optional.empty()), Optional.empty());
        }
    }

    /** The values of a field, and those of its negation. */
    private record Term(
            Attribute attribute, String path, List<String> values, String notPath, List<String> notValues) {}

    private static final Attribute PORT = Attribute.checked("destination_port", "a port number", Matchers::port);
    private static final String RANGE = "an IP address or a CIDR block";

    private final Action action;
    private final boolean tcp;
    private final boolean filterState;
    private final String namespace;
    private final TrustDomains domains;
    private final BiConsumer<String, String> ignored;
    private final List<Term> permissions = new ArrayList<>();
    private final List<Term> principals = new ArrayList<>();

    /**
     * Begins.
     *
     * @param filterState whether the peer's identity is found where ztunnel's HBONE leaves it
     * @param namespace the policy's
     * @param ignored hears which fields were left out, and why
     */
    RuleTranslation(
            Action action,
            boolean tcp,
            boolean filterState,
            String namespace,
            TrustDomains domains,
            BiConsumer<String, String> ignored) {
        this.action = action;
        this.tcp = tcp;
        this.filterState = filterState;
        this.namespace = namespace;
        this.domains = domains;
        this.ignored = ignored;
    }

    /** What became of a rule: a policy, or the field that prevented it and why. */
    record Outcome(Optional<Json> policy, String path, String why) {}

    /**
     * Translates; once.
     *
     * @param path where the rule stands
     */
    Outcome translate(Json rule, String path) {
        try {
            conditions(rule, path);
            List<Json> allowed = new ArrayList<>();
            List<Json> callers = new ArrayList<>();
            List<Json> to = rule.at("to").items();
            for (int i = 0; i < to.size(); i++) {
                allowed.add(permission(
                        operation(to.get(i).at("operation"), path + ".to[" + i + "].operation."), permissions));
            }
            if (to.isEmpty()) {
                allowed.add(permission(List.of(), permissions));
            }
            List<Json> from = rule.at("from").items();
            for (int i = 0; i < from.size(); i++) {
                callers.add(principal(source(from.get(i).at("source"), path + ".from[" + i + "].source."), principals));
            }
            if (from.isEmpty()) {
                callers.add(principal(List.of(), principals));
            }
            return new Outcome(
                    Optional.of(Json.object("permissions", Json.array(allowed), "principals", Json.array(callers))),
                    path,
                    "");
        } catch (Untranslatable e) {
            return new Outcome(Optional.empty(), e.path, String.valueOf(e.getMessage()));
        }
    }

    private List<Term> operation(Json operation, String path) {
        List<Term> terms = new ArrayList<>();
        add(terms, operation, path, "hosts", Attribute.http(value -> Matchers.header(":authority", value, true)));
        add(terms, operation, path, "methods", Attribute.http(value -> Matchers.header(":method", value, false)));
        add(terms, operation, path, "paths", Attribute.http(Matchers::path));
        add(terms, operation, path, "ports", PORT);
        return terms;
    }

    private List<Term> source(Json source, String path) {
        List<Term> terms = new ArrayList<>();
        add(terms, source, path, "principals", principalAttribute());
        add(terms, source, path, "requestPrincipals", Attribute.list(RuleTranslation::requestPrincipals));
        add(terms, source, path, "serviceAccounts", serviceAccount());
        add(terms, source, path, "namespaces", sourceNamespace());
        add(terms, source, path, "trustDomains", trustDomain());
        add(terms, source, path, "remoteIpBlocks", Attribute.checked("remote_ip", RANGE, Matchers::range));
        add(terms, source, path, "ipBlocks", Attribute.checked("direct_remote_ip", RANGE, Matchers::range));
        return terms;
    }

    private void add(List<Term> terms, Json owner, String path, String field, Attribute attribute) {
        String not = "not" + Character.toUpperCase(field.charAt(0)) + field.substring(1);
        List<String> values = owner.at(field).texts();
        List<String> notValues = owner.at(not).texts();
        if (field.equals("principals")) {
            values = domains.expand(values);
            notValues = domains.expand(notValues);
        }
        if (!values.isEmpty() || !notValues.isEmpty()) {
            terms.add(new Term(attribute, path + field, values, path + not, notValues));
        }
    }

    private void conditions(Json rule, String path) throws Untranslatable {
        List<Json> conditions = rule.at("when").items();
        for (int i = 0; i < conditions.size(); i++) {
            Json condition = conditions.get(i);
            String at = path + ".when[" + i + "].";
            condition(condition.at("key").text(""), condition, at);
        }
    }

    private void condition(String key, Json condition, String path) throws Untranslatable {
        switch (key) {
            case "destination.ip" ->
                add(permissions, condition, path, Attribute.checked("destination_ip", RANGE, Matchers::range));
            case "destination.port" -> add(permissions, condition, path, PORT);
            case "connection.sni" ->
                add(
                        permissions,
                        condition,
                        path,
                        Attribute.of(value -> Json.object("requested_server_name", Matchers.text(value))));
            case "source.ip" ->
                add(principals, condition, path, Attribute.checked("direct_remote_ip", RANGE, Matchers::range));
            case "remote.ip" ->
                add(principals, condition, path, Attribute.checked("remote_ip", RANGE, Matchers::range));
            case "source.namespace" -> add(principals, condition, path, sourceNamespace());
            case "source.serviceAccount" -> add(principals, condition, path, serviceAccount());
            case "source.trustDomain" -> add(principals, condition, path, trustDomain());
            case "source.principal" -> {
                Term term = term(condition, path, principalAttribute());
                add(
                        principals,
                        new Term(
                                term.attribute,
                                term.path,
                                domains.expand(term.values),
                                term.notPath,
                                domains.expand(term.notValues)));
            }
            case "request.auth.principal" ->
                add(principals, condition, path, Attribute.list(RuleTranslation::requestPrincipals));
            case "request.auth.audiences" ->
                add(principals, condition, path, Attribute.list(values -> Matchers.claims(List.of("aud"), values)));
            case "request.auth.presenter" ->
                add(principals, condition, path, Attribute.list(values -> Matchers.claims(List.of("azp"), values)));
            default -> {
                if (key.startsWith(FILTERS)) {
                    add(permissions, condition, path, envoyFilter(key));
                } else if (key.startsWith(HEADERS)) {
                    add(principals, condition, path, requestHeader(key));
                } else if (key.startsWith(CLAIMS)) {
                    add(principals, condition, path, requestClaim(key));
                } else {
                    throw new Untranslatable(path + "key", "istiod knows no condition \"" + key + "\"");
                }
            }
        }
    }

    private static Term term(Json condition, String path, Attribute attribute) {
        return new Term(
                attribute,
                path + "values",
                condition.at("values").texts(),
                path + "notValues",
                condition.at("notValues").texts());
    }

    private static void add(List<Term> terms, Json condition, String path, Attribute attribute) {
        add(terms, term(condition, path, attribute));
    }

    private static void add(List<Term> terms, Term term) {
        if (!term.values.isEmpty() || !term.notValues.isEmpty()) {
            terms.add(term);
        }
    }

    private Attribute principalAttribute() {
        return Attribute.of(value -> authenticated(Matchers.text(value, SPIFFE)));
    }

    private Attribute sourceNamespace() {
        return Attribute.of(value -> authenticated(Matchers.regex(".*/ns/" + value.replace("*", ".*") + "/.*")));
    }

    /** {@code NAME} of the policy's own namespace, or {@code NAMESPACE/NAME}. */
    private Attribute serviceAccount() {
        return Attribute.of(value -> {
            int slash = value.indexOf('/');
            String owner = slash < 0 ? namespace : value.substring(0, slash);
            String name = value.substring(slash + 1);
            return authenticated(Matchers.regex(SPIFFE + ".+/ns/" + owner + "/(.+/|)sa/" + name + "(/.+)?"));
        });
    }

    /**
     * The first part of the identity: the text up to the slash behind it. How istiod writes a star in it, no source that this
     * could be checked against shows; the meaning is that of the reference of AuthorizationPolicy.
     */
    private Attribute trustDomain() {
        return Attribute.of(value -> {
            boolean suffix = value.startsWith("*") && value.length() > 1;
            return authenticated(
                    suffix
                            ? Matchers.regex(
                                    SPIFFE + "[^/]*" + value.substring(1).replace(".", "\\.") + "/.*")
                            : Matchers.text(value.endsWith("*") ? value : value + "/*", SPIFFE));
        });
    }

    private Json authenticated(Json name) {
        return filterState
                ? Json.object("filter_state", Json.object("key", "io.istio.peer_principal", "string_match", name))
                : Json.object("authenticated", Json.object("principal_name", name));
    }

    private static Attribute requestHeader(String key) {
        String name = key.substring(HEADERS.length());
        return bracketed(name)
                ? Attribute.http(value -> Matchers.header(name.substring(1, name.length() - 1), value, false))
                : Attribute.never(true, "for a key with a name in brackets");
    }

    private static Attribute requestClaim(String key) {
        List<String> names = nested(key.substring(CLAIMS.length()));
        return names.isEmpty()
                ? Attribute.never(true, "for a key with a name in brackets")
                : Attribute.list(values -> Matchers.claims(names, values));
    }

    /** {@code experimental.envoy.filters.a.b[c]}: the key c of what the filter envoy.filters.a.b noted. */
    private static Attribute envoyFilter(String key) {
        String whole = key.substring("experimental.".length());
        int bracket = whole.indexOf('[');
        if (bracket < 0) {
            return Attribute.never(false, "for a key with a name in brackets");
        }
        String filter = whole.substring(0, bracket);
        String name = whole.substring(bracket + 1, whole.endsWith("]") ? whole.length() - 1 : whole.length());
        return Attribute.of(value -> {
            boolean list = value.startsWith("[") && value.endsWith("]");
            Json text = Json.object("string_match", Matchers.text(list ? trimBrackets(value) : value));
            return Matchers.metadata(filter, List.of(name), list ? Matchers.oneOf(text) : text);
        });
    }

    private static String trimBrackets(String value) {
        return value.replaceAll("^[\\[\\]]+|[\\[\\]]+$", "");
    }

    private static boolean bracketed(String text) {
        return text.length() >= 2 && text.startsWith("[") && text.endsWith("]");
    }

    /** {@code [a][b]} as a and b; a text in brackets that is no such list as one name; empty where there are no brackets. */
    private static List<String> nested(String text) {
        if (!bracketed(text)) {
            return List.of();
        }
        return text.matches("(\\[[^\\[\\]]*])+")
                ? List.of(text.substring(1, text.length() - 1).split("]\\[", -1))
                : List.of(text.substring(1, text.length() - 1));
    }

    /** Issuer and subject of a token, written {@code ISSUER/SUBJECT}. */
    private static Json requestPrincipals(List<String> values) {
        List<Json> any = new ArrayList<>();
        for (String value : values) {
            int slash = value.lastIndexOf('/');
            Json issuer;
            Json subject;
            if (value.equals("*")) {
                issuer = Matchers.text("*");
                subject = issuer;
            } else if (slash >= 0) {
                // A star at the very front stands for the front of the issuer, one at the very end for the end of the
                // subject.
                issuer = part(value.substring(0, slash), value.startsWith("*"));
                subject = part(value.substring(slash + 1), value.endsWith("*") && !value.startsWith("*"));
            } else if (value.startsWith("*")) {
                issuer = Matchers.text("*");
                subject = Matchers.text(value);
            } else if (value.endsWith("*")) {
                issuer = Matchers.text(value);
                subject = Matchers.text("*");
            } else {
                issuer = Matchers.text(value);
                subject = Json.object("exact", "");
            }
            any.add(Json.object(
                    "and_ids",
                    Json.object(
                            "ids",
                            Json.array(List.of(Matchers.claim("iss", issuer), Matchers.claim("sub", subject))))));
        }
        return any.size() == 1 ? any.get(0) : Json.object("or_ids", Json.object("ids", Json.array(any)));
    }

    private static Json part(String text, boolean star) {
        return star ? Matchers.text(text) : Json.object("exact", text);
    }

    private Json permission(List<Term> own, List<Term> conditions) throws Untranslatable {
        return Json.object(
                "and_rules", Json.object("rules", Json.array(all(own, conditions, "or_rules", "rules", "not_rule"))));
    }

    private Json principal(List<Term> own, List<Term> conditions) throws Untranslatable {
        return Json.object("and_ids", Json.object("ids", Json.array(all(own, conditions, "or_ids", "ids", "not_id"))));
    }

    private List<Json> all(List<Term> own, List<Term> conditions, String or, String list, String not)
            throws Untranslatable {
        List<Term> terms = new ArrayList<>(own);
        terms.addAll(conditions);
        List<Json> all = new ArrayList<>();
        for (Term term : terms) {
            matched(term.attribute, term.path, term.values, or, list).ifPresent(all::add);
            matched(term.attribute, term.notPath, term.notValues, or, list)
                    .ifPresent(found -> all.add(Json.object(not, found)));
        }
        return all.isEmpty() ? List.of(Json.object("any", true)) : all;
    }

    private Optional<Json> matched(Attribute attribute, String path, List<String> values, String or, String list)
            throws Untranslatable {
        if (values.isEmpty()) {
            return Optional.empty();
        }
        if (tcp && attribute.httpOnly) {
            leaveOut(path, "only HTTP requests have it");
            return Optional.empty();
        }
        if (attribute.all.isPresent()) {
            return Optional.of(attribute.all.get().apply(values));
        }
        List<Json> any = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            String value = values.get(i);
            Optional<Json> made = attribute.one.flatMap(one -> one.apply(value));
            if (made.isPresent()) {
                any.add(made.get());
            } else {
                leaveOut(path + "[" + i + "]", "\"" + value + "\" is not " + attribute.wanted);
            }
        }
        return any.isEmpty() ? Optional.empty() : Optional.of(Json.object(or, Json.object(list, Json.array(any))));
    }

    private void leaveOut(String path, String why) throws Untranslatable {
        if (action == Action.ALLOW) {
            throw new Untranslatable(path, why);
        }
        ignored.accept(path, why);
    }
}
