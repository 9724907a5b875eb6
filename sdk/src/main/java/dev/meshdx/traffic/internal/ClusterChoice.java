package dev.meshdx.traffic.internal;

import dev.meshdx.model.Json;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** To which clusters a route leads. Source: Envoy, {@code config/route/v3/route_components.proto}; measured on Envoy 1.40. */
public final class ClusterChoice {
    private ClusterChoice() {}

    /** One where it is certain, several where weights leave it to chance, none where a header was to name it. */
    public static List<String> of(Json action, Headers headers) {
        if (action.at("cluster_header").exists()) {
            return headers.first(action.at("cluster_header").text(""))
                    .filter(name -> !name.isEmpty())
                    .map(List::of)
                    .orElse(List.of());
        }
        Json weighted = action.at("weighted_clusters");
        if (!weighted.exists()) {
            return action.at("cluster").text().map(List::of).orElse(List.of());
        }
        long total = 0;
        for (Json cluster : weighted.at("clusters").items()) {
            total += cluster.at("weight").number(0);
        }
        Optional<Long> picked = weighted.at("header_name")
                .text()
                .map(headers::all)
                .filter(values -> values.size() == 1)
                .flatMap(values -> unsigned(values.get(0)));
        if (picked.isPresent() && total > 0) {
            long value = Long.remainderUnsigned(picked.get(), total);
            for (Json cluster : weighted.at("clusters").items()) {
                value -= cluster.at("weight").number(0);
                if (value < 0) {
                    return List.of(cluster.at("name").text(""));
                }
            }
        }
        Set<String> possible = new TreeSet<>();
        for (Json cluster : weighted.at("clusters").items()) {
            if (cluster.at("weight").number(0) > 0) {
                possible.add(cluster.at("name").text(""));
            }
        }
        return List.copyOf(possible);
    }

    private static Optional<Long> unsigned(String text) {
        if (!text.matches("\\+?\\d{1,20}")) {
            return Optional.empty();
        }
        try {
            return Optional.of(Long.parseUnsignedLong(text));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
