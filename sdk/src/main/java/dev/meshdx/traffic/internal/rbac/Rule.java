package dev.meshdx.traffic.internal.rbac;

import dev.meshdx.envoy.FieldMatch;
import dev.meshdx.envoy.TextMatch;
import dev.meshdx.model.Json;
import dev.meshdx.traffic.internal.AddressRange;
import dev.meshdx.traffic.internal.Addresses;
import dev.meshdx.traffic.internal.HeaderCondition;
import dev.meshdx.traffic.internal.MetadataTest;
import dev.meshdx.traffic.internal.Regexes;
import dev.meshdx.traffic.internal.TextMatcher;
import dev.meshdx.traffic.internal.UriTemplates;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A permission or a principal of a policy, made ready for many requests. Source: Envoy, {@code config/rbac/v3/rbac.proto} and
 * {@code source/extensions/filters/common/rbac/matchers.cc}.
 */
interface Rule {
    /** The state in which peer metadata and HBONE leave the client's identity. Source: Istio, {@code pilot/pkg/security/authz/model}. */
    String PEER = "io.istio.peer_principal";

    Answer holds(Call call);

    private static Rule plain(Predicate<Call> test) {
        return call -> Answer.of(test.test(call));
    }

    private static Rule unknown() {
        return call -> Answer.UNKNOWN;
    }

    static Rule permission(Json permission, Regexes regexes) {
        return of(permission, regexes, "and_rules", "or_rules", "rules", "not_rule");
    }

    static Rule principal(Json principal, Regexes regexes) {
        return of(principal, regexes, "and_ids", "or_ids", "ids", "not_id");
    }

    private static Rule of(Json rule, Regexes regexes, String and, String or, String several, String not) {
        Function<Json, Rule> inner = one -> of(one, regexes, and, or, several, not);
        if (rule.at(and).exists()) {
            return all(rule.at(and, several), inner);
        }
        if (rule.at(or).exists()) {
            return any(rule.at(or, several), inner);
        }
        if (rule.at(not).exists()) {
            Rule other = inner.apply(rule.at(not));
            return call -> other.holds(call).not();
        }
        String field = rule.names().isEmpty() ? "" : rule.names().get(0);
        Json value = rule.at(field);
        return switch (field) {
            case "any" -> plain(call -> true);
            case "header" -> {
                HeaderCondition header = HeaderCondition.of(FieldMatch.header(value), regexes);
                yield plain(call -> header.holds(call.request().headers()));
            }
            case "url_path" -> {
                TextMatcher path = TextMatcher.of(TextMatch.of(value.at("path")), regexes);
                yield plain(call -> path.matches(call.request().path()));
            }
            case "uri_template" -> {
                String template = value.at("typed_config", "path_template").text("");
                yield plain(
                        call -> UriTemplates.matches(template, call.request().path()));
            }
            case "destination_port" -> plain(call -> call.connection().port() == value.number(-1));
            case "destination_port_range" ->
                plain(call -> call.connection().port() >= value.at("start").number(0)
                        && call.connection().port() < value.at("end").number(0));
            case "destination_ip" -> range(value, call -> call.connection().destination());
            case "direct_remote_ip" -> range(value, call -> call.connection().directSource());
            case "source_ip" -> range(value, call -> call.connection().source());
            case "remote_ip" -> range(value, Call::remote);
            case "requested_server_name" -> {
                TextMatcher name = TextMatcher.of(TextMatch.of(value), regexes);
                yield plain(call -> name.matches(call.connection().serverName()));
            }
            case "authenticated" -> authenticated(value, regexes);
            case "metadata" -> metadata(value, regexes);
            case "sourced_metadata" -> metadata(value.at("metadata_matcher"), regexes);
            case "filter_state" -> filterState(value, regexes);
            default -> unknown();
        };
    }

    private static Rule all(Json rules, Function<Json, Rule> inner) {
        List<Rule> all = list(rules, inner);
        if (all.size() == 1) {
            return all.get(0);
        }
        return call -> {
            Answer answer = Answer.YES;
            for (Rule one : all) {
                answer = answer.and(one.holds(call));
                if (answer == Answer.NO) {
                    return answer;
                }
            }
            return answer;
        };
    }

    private static Rule any(Json rules, Function<Json, Rule> inner) {
        return any(list(rules, inner));
    }

    static Rule any(List<Rule> rules) {
        if (rules.size() == 1) {
            // istiod wraps most in three lists of one.
            return rules.get(0);
        }
        return call -> {
            Answer answer = Answer.NO;
            for (Rule one : rules) {
                answer = answer.or(one.holds(call));
                if (answer == Answer.YES) {
                    return answer;
                }
            }
            return answer;
        };
    }

    private static List<Rule> list(Json rules, Function<Json, Rule> inner) {
        List<Rule> all = new ArrayList<>();
        rules.items().forEach(rule -> all.add(inner.apply(rule)));
        return all;
    }

    private static Rule range(Json range, Function<Call, String> address) {
        AddressRange wanted = AddressRange.of(range);
        return call -> {
            String came = address.apply(call);
            return came.isEmpty()
                    ? Answer.UNKNOWN
                    : Answer.of(Addresses.bytes(came).map(wanted::holds).orElse(false));
        };
    }

    private static Rule authenticated(Json authenticated, Regexes regexes) {
        if (!authenticated.at("principal_name").exists()) {
            return plain(Call::isTls);
        }
        TextMatcher name = TextMatcher.of(TextMatch.of(authenticated.at("principal_name")), regexes);
        return plain(call -> call.isTls() && name.matches(call.identity()));
    }

    private static Rule metadata(Json matcher, Regexes regexes) {
        MetadataTest test = MetadataTest.of(matcher, regexes);
        return call -> test.filter().equals(MetadataTest.JWT)
                        || call.request().metadata().at(test.filter()).exists()
                ? Answer.of(test.holds(call.request().metadata()))
                : Answer.UNKNOWN;
    }

    private static Rule filterState(Json matcher, Regexes regexes) {
        if (!matcher.at("key").text("").equals(PEER)) {
            return unknown();
        }
        TextMatcher name = TextMatcher.of(TextMatch.of(matcher.at("string_match")), regexes);
        return plain(call -> !call.identity().isEmpty() && name.matches(call.identity()));
    }
}
