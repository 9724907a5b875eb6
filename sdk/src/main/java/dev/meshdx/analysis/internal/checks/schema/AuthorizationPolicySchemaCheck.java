package dev.meshdx.analysis.internal.checks.schema;

import dev.meshdx.configuration.Field;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What an AuthorizationPolicy must look like. Source: istio/istio, {@code validation.go}, {@code ValidateAuthorizationPolicy},
 * and {@code security/security.go}.
 */
public final class AuthorizationPolicySchemaCheck extends SchemaCheck {
    private static final List<String> SOURCES = List.of(
            "principals",
            "notPrincipals",
            "requestPrincipals",
            "notRequestPrincipals",
            "namespaces",
            "notNamespaces",
            "ipBlocks",
            "notIpBlocks",
            "remoteIpBlocks",
            "notRemoteIpBlocks",
            "serviceAccounts",
            "notServiceAccounts",
            "trustDomains",
            "notTrustDomains");

    private static final List<String> OPERATIONS =
            List.of("hosts", "notHosts", "ports", "notPorts", "methods", "notMethods", "paths", "notPaths");

    /** What a connection has, without any request. */
    private static final List<String> TCP_SOURCES = List.of(
            "principals",
            "notPrincipals",
            "namespaces",
            "notNamespaces",
            "ipBlocks",
            "notIpBlocks",
            "remoteIpBlocks",
            "notRemoteIpBlocks",
            "serviceAccounts",
            "notServiceAccounts");

    /** Source: RFC 3986, {@code pchar}, but for the star, which is a template's. */
    private static final Pattern PATH_SEGMENT = Pattern.compile("[A-Za-z0-9._~%!$&'()+,;:@=-]+");

    /** An external authorizer has no certificate and no token to look at. */
    private static final Set<String> NOT_IN_CUSTOM = Set.of(
            "namespaces",
            "notNamespaces",
            "serviceAccounts",
            "notServiceAccounts",
            "trustDomains",
            "notTrustDomains",
            "principals",
            "notPrincipals",
            "requestPrincipals",
            "notRequestPrincipals");

    private static final Set<String> FREE_KEYS = Set.of(
            "source.namespace",
            "source.principal",
            "request.auth.principal",
            "request.auth.audiences",
            "request.auth.presenter",
            "connection.sni");

    public AuthorizationPolicySchemaCheck() {
        super(ResourceKind.AUTHORIZATION_POLICY, "AuthorizationPolicy");
    }

    @Override
    void check(Resource resource, String namespace, Field spec, Problems problems) {
        Values.checkAttachment(spec, problems);
        String action = spec.at("action").value().text("ALLOW");
        boolean custom = action.equals("CUSTOM");
        List<Field> rules = spec.at("rules").items();
        if (custom) {
            problems.require(spec.at("rules").value().isArray(), spec.at("rules"), "action CUSTOM needs rules");
            problems.require(
                    !spec.at("rules").value().isArray()
                            || !spec.at("provider", "name").text().isEmpty(),
                    spec.at("provider"),
                    "action CUSTOM needs the name of a provider");
        } else {
            problems.require(
                    !spec.at("provider").exists(), spec.at("provider"), "a provider goes with action CUSTOM only");
        }
        problems.require(
                !action.equals("DENY") || spec.at("rules").value().isArray(),
                spec.at("rules"),
                "action DENY without rules denies nothing; to deny everything write rules: [{}]");
        for (int i = 0; i < rules.size(); i++) {
            Field rule = rules.get(i);
            if (rule.value().isNull()) {
                problems.error(rule, "rule " + i + " must not be null; a rule that matches everything is {}");
            } else {
                checkRule(rule, i, custom, problems);
                problems.advise(
                        !action.equals("DENY") || !deniesAllTcp(rule),
                        rule,
                        "a rule with action DENY looks only at what HTTP requests have, so it denies all TCP traffic");
            }
        }
    }

    /**
     * A proxy cannot evaluate attributes of requests for TCP; it then takes the rule as if they matched. Source: Istio,
     * "Authorization Policy", "DENY policies on TCP ports".
     */
    private static boolean deniesAllTcp(Field rule) {
        List<Field> from = rule.at("from").items();
        List<Field> to = rule.at("to").items();
        boolean source =
                from.stream().anyMatch(one -> TCP_SOURCES.stream().anyMatch(name -> has(one.at("source"), name)));
        boolean ports =
                to.stream().anyMatch(one -> has(one.at("operation"), "ports") || has(one.at("operation"), "notPorts"));
        return to.isEmpty() ? !from.isEmpty() && !source : !ports;
    }

    private static void checkRule(Field rule, int index, boolean custom, Problems problems) {
        for (String list : List.of("from", "to")) {
            problems.require(
                    !rule.at(list).value().isArray() || rule.at(list).value().size() > 0,
                    rule.at(list),
                    list + " of rule " + index + " must not be an empty list: leave it out");
        }
        for (Field from : rule.at("from").items()) {
            Field source = from.at("source");
            if (!source.exists()
                    || SOURCES.stream()
                            .noneMatch(name -> source.at(name).value().size() > 0)) {
                problems.error(source, "a source of rule " + index + " names nothing");
                continue;
            }
            checkSource(source, custom, problems);
        }
        for (Field to : rule.at("to").items()) {
            Field operation = to.at("operation");
            if (!operation.exists()
                    || OPERATIONS.stream()
                            .noneMatch(name -> operation.at(name).value().size() > 0)) {
                problems.error(operation, "an operation of rule " + index + " names nothing");
                continue;
            }
            checkOperation(operation, problems);
        }
        rule.at("when").items().forEach(condition -> checkCondition(condition, custom, problems));
    }

    private static void checkSource(Field source, boolean custom, Problems problems) {
        boolean accounts = has(source, "serviceAccounts") || has(source, "notServiceAccounts");
        boolean others = has(source, "principals")
                || has(source, "notPrincipals")
                || has(source, "namespaces")
                || has(source, "notNamespaces");
        problems.require(
                !accounts || !others, source, "serviceAccounts do not go with principals or namespaces in one source");
        for (String name : SOURCES) {
            if (custom && NOT_IN_CUSTOM.contains(name) && has(source, name)) {
                problems.error(source.at(name), name + " cannot be used with action CUSTOM");
            }
            for (Field item : source.at(name).items()) {
                if (item.text().isEmpty()) {
                    problems.error(item, name + " must not have empty items");
                } else {
                    checkSourceItem(name, item, problems);
                }
            }
        }
        for (String name : List.of("serviceAccounts", "notServiceAccounts")) {
            problems.require(
                    source.at(name).value().size() <= 16, source.at(name), name + " must not have more than 16 items");
        }
    }

    private static void checkSourceItem(String name, Field item, Problems problems) {
        String text = item.text();
        switch (name) {
            case "ipBlocks", "notIpBlocks", "remoteIpBlocks", "notRemoteIpBlocks" -> checkBlock(item, problems);
            case "serviceAccounts", "notServiceAccounts" -> checkServiceAccount(item, problems);
            case "trustDomains", "notTrustDomains" -> {
                problems.require(!text.contains("/"), item, "\"" + text + "\" is not a trust domain");
                checkOuterWildcard(item, problems);
            }
            default -> {
                // Free.
            }
        }
    }

    private static void checkBlock(Field item, Problems problems) {
        problems.require(
                Values.isSubnet(item.text()), item, "\"" + item.text() + "\" is not an address or a CIDR block");
    }

    private static void checkServiceAccount(Field item, Problems problems) {
        String text = item.text();
        int slash = text.indexOf('/');
        boolean parts = slash < 0 || (slash > 0 && slash < text.length() - 1 && text.indexOf('/', slash + 1) < 0);
        problems.require(
                !text.isEmpty() && !text.contains("*") && text.length() <= 320 && parts,
                item,
                "\"" + text + "\" is not of the form NAME or NAMESPACE/NAME");
    }

    private static void checkOuterWildcard(Field item, Problems problems) {
        String text = item.text();
        int star = text.indexOf('*');
        problems.require(
                star < 0 || (text.indexOf('*', star + 1) < 0 && (star == 0 || star == text.length() - 1)),
                item,
                "\"" + text + "\" may have one \"*\", at its start or end");
    }

    private static void checkOperation(Field operation, Problems problems) {
        for (String name : OPERATIONS) {
            for (Field item : operation.at(name).items()) {
                String text = item.text();
                if (text.isEmpty()) {
                    problems.error(item, name + " must not have empty items");
                } else if (name.equals("ports") || name.equals("notPorts")) {
                    checkPortText(item, problems);
                } else if (name.equals("paths") || name.equals("notPaths")) {
                    checkPath(item, problems);
                }
            }
        }
    }

    private static void checkPortText(Field item, Problems problems) {
        problems.require(
                item.text().matches("[0-9]{1,5}") && Integer.parseInt(item.text()) <= 65535,
                item,
                "\"" + item.text() + "\" is not a port number");
    }

    /** Path templates. Source: Istio, "Authorization Policy", field paths. */
    private static void checkPath(Field item, Problems problems) {
        String text = item.text();
        if (!text.contains("{") && !text.contains("}")) {
            return;
        }
        boolean rest = false;
        for (String segment : text.replaceAll("^/+|/+$", "").split("/")) {
            boolean template = segment.equals("{*}") || segment.equals("{**}");
            boolean plain = PATH_SEGMENT.matcher(segment).matches();
            if (!(template || plain) || (template && rest)) {
                problems.error(
                        item,
                        "\"" + text + "\" may have {*} and, with no template after it, {**} as whole segments only");
                return;
            }
            rest |= segment.equals("{**}");
        }
    }

    private static void checkCondition(Field condition, boolean custom, Problems problems) {
        Field key = condition.at("key");
        String name = key.text();
        if (name.isEmpty()) {
            problems.error(key, "a condition must have a key");
            return;
        }
        problems.require(
                has(condition, "values") || has(condition, "notValues"),
                condition,
                "a condition must have values or notValues");
        boolean identity = name.equals("source.namespace")
                || name.equals("source.serviceAccount")
                || name.equals("source.trustDomain")
                || name.equals("source.principal")
                || name.startsWith("request.auth.");
        problems.require(!custom || !identity, key, "the key " + name + " cannot be used with action CUSTOM");
        boolean bracketed = List.of("request.headers", "request.auth.claims", "experimental.envoy.filters.").stream()
                .anyMatch(name::startsWith);
        if (bracketed) {
            problems.require(
                    name.matches("[^\\[\\]]+(\\[[^\\[\\]]+\\])+"),
                    key,
                    "the key " + name + " must end with a name in brackets");
        } else {
            problems.require(
                    FREE_KEYS.contains(name)
                            || Set.of(
                                            "source.ip",
                                            "remote.ip",
                                            "destination.ip",
                                            "destination.port",
                                            "source.serviceAccount",
                                            "source.trustDomain")
                                    .contains(name),
                    key,
                    "Istio knows no condition \"" + name + "\"");
        }
        for (String list : List.of("values", "notValues")) {
            for (Field item : condition.at(list).items()) {
                if (item.text().isEmpty()) {
                    problems.error(item, list + " must not have empty items");
                    continue;
                }
                switch (name) {
                    case "source.ip", "remote.ip", "destination.ip" -> checkBlock(item, problems);
                    case "destination.port" -> checkPortText(item, problems);
                    case "source.serviceAccount" -> checkServiceAccount(item, problems);
                    case "source.trustDomain" -> checkOuterWildcard(item, problems);
                    default -> {
                        // Free.
                    }
                }
            }
        }
    }

    private static boolean has(Field field, String name) {
        return field.at(name).value().size() > 0;
    }
}
