package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.TypedConfig;
import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * Walks a {@code filter_chain_matcher} down to its actions, each of which names a filter chain. Source: xds,
 * {@code xds/type/matcher/v3/matcher.proto}, {@code ip.proto}, {@code domain.proto}; istioctl,
 * {@code pkg/writer/envoy/configdump/listener.go}, which fails on matchers that it does not know.
 */
final class MatcherTree {
    private static final String UNMATCHED = "UNMATCHED";

    private final List<MatcherBranch> branches = new ArrayList<>();

    private MatcherTree() {}

    static List<MatcherBranch> branches(Json matcher) {
        MatcherTree tree = new MatcherTree();
        if (matcher.exists()) {
            tree.matcher(matcher, List.of());
        }
        return List.copyOf(tree.branches);
    }

    private void matcher(Json matcher, List<String> before) {
        Json tree = matcher.at("matcher_tree");
        if (tree.exists()) {
            tree(tree, before);
        } else if (matcher.at("matcher_list").exists()) {
            for (Json item : matcher.at("matcher_list", "matchers").items()) {
                onMatch(item.at("on_match"), with(before, predicate(item.at("predicate"))));
            }
        } else if (!matcher.at("on_no_match").exists()) {
            unknown(
                    before,
                    matcher.names().isEmpty() ? "empty" : matcher.names().get(0));
        }
        if (matcher.at("on_no_match").exists()) {
            onMatch(matcher.at("on_no_match"), with(before, UNMATCHED));
        }
    }

    private void tree(Json tree, List<String> before) {
        String input = input(tree.at("input"));
        if (tree.at("exact_match_map").exists()) {
            tree.at("exact_match_map", "map")
                    .forEachField((key, match) -> onMatch(match, with(before, input + "=" + key)));
        } else if (tree.at("prefix_match_map").exists()) {
            tree.at("prefix_match_map", "map")
                    .forEachField((key, match) -> onMatch(match, with(before, input + "^" + key)));
        } else {
            custom(tree.at("custom_match"), input, before);
        }
    }

    private void custom(Json custom, String input, List<String> before) {
        TypedConfig config = TypedConfig.of(custom.at("typed_config"));
        switch (config.message()) {
            case "IPMatcher" -> {
                for (Json range : config.fields().at("range_matchers").items()) {
                    List<String> ranges = new ArrayList<>();
                    for (Json item : range.at("ranges").items()) {
                        ranges.add(item.at("address_prefix").text("") + "/"
                                + item.at("prefix_len").number(0));
                    }
                    onMatch(range.at("on_match"), with(before, input + "=" + String.join(",", ranges)));
                }
            }
            case "DomainMatcher", "ServerNameMatcher" -> {
                for (Json domain : config.fields().at("domain_matchers").items()) {
                    String names = String.join(",", domain.at("domains").texts());
                    onMatch(domain.at("on_match"), with(before, input + "=" + names));
                }
            }
            default ->
                unknown(before, config.message().isEmpty() ? custom.at("name").text("?") : config.message());
        }
    }

    private void onMatch(Json onMatch, List<String> conditions) {
        if (onMatch.at("matcher").exists()) {
            matcher(onMatch.at("matcher"), conditions);
            return;
        }
        Json action = onMatch.at("action");
        TypedConfig config = TypedConfig.of(action.at("typed_config"));
        branches.add(new MatcherBranch(
                conditions, config.fields().at("value").text(action.at("name").text(""))));
    }

    private void unknown(List<String> before, String name) {
        branches.add(new MatcherBranch(with(before, "unknown matcher " + name), ""));
    }

    private static String input(Json input) {
        return input.at("name").text(TypedConfig.of(input.at("typed_config")).message());
    }

    private static String predicate(Json predicate) {
        Json single = predicate.at("single_predicate");
        if (single.exists()) {
            String input = input(single.at("input"));
            return single.at("value_match").exists()
                    ? input + "=" + TextMatch.of(single.at("value_match"))
                    : input + " by "
                            + TypedConfig.of(single.at("custom_match", "typed_config"))
                                    .message();
        }
        for (String several : List.of("or_matcher", "and_matcher")) {
            if (predicate.at(several).exists()) {
                List<String> parts = new ArrayList<>();
                predicate.at(several, "predicate").items().forEach(part -> parts.add(predicate(part)));
                return "(" + String.join(several.equals("or_matcher") ? " or " : " and ", parts) + ")";
            }
        }
        return predicate.at("not_matcher").exists()
                ? "not " + predicate(predicate.at("not_matcher"))
                : "unknown predicate"
                        + (predicate.names().isEmpty()
                                ? ""
                                : " " + predicate.names().get(0));
    }

    private static List<String> with(List<String> before, String condition) {
        List<String> all = new ArrayList<>(before);
        all.add(condition);
        return all;
    }
}
