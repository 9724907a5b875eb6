package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * One of the clusters that a route chooses from by weight. Immutable. Source: Envoy,
 * {@code config/route/v3/route_components.proto}, {@code WeightedCluster.ClusterWeight}.
 */
public final class WeightedCluster {
    private final Json raw;
    private final double share;

    private WeightedCluster(Json raw, double share) {
        this.raw = raw;
        this.share = share;
    }

    /** All of an action, those with weight 0 too. */
    static List<WeightedCluster> all(Json weighted) {
        List<Json> clusters = weighted.at("clusters").items();
        long total = 0;
        for (Json cluster : clusters) {
            total += weight(cluster);
        }
        List<WeightedCluster> all = new ArrayList<>();
        for (Json cluster : clusters) {
            all.add(new WeightedCluster(cluster, total == 0 ? 0 : 100.0 * weight(cluster) / total));
        }
        return List.copyOf(all);
    }

    private static int weight(Json cluster) {
        return ProtoValues.count(cluster.at("weight"), 0);
    }

    /** The cluster; empty where a header of the request names it. */
    public String cluster() {
        return raw.at("name").text("");
    }

    /** The header that names the cluster, where one does; empty otherwise. */
    public String clusterHeader() {
        return raw.at("cluster_header").text("");
    }

    /** Its weight as it is written. */
    public int weight() {
        return weight(raw);
    }

    /** Its share of the requests in percent: its weight of the sum of all. */
    public double share() {
        return share;
    }

    /** What is changed in the headers of requests that it gets. */
    public HeaderChanges requestHeaders() {
        return HeaderChanges.request(raw);
    }

    /** What is changed in the headers of its responses. */
    public HeaderChanges responseHeaders() {
        return HeaderChanges.response(raw);
    }

    /** What filters do differently for its requests; these count before those of the route. */
    public List<HttpFilter> filterOverrides() {
        return HttpFilter.overrides(raw);
    }

    /** The whole entry as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** {@code outbound|9080|v2|reviews.production.svc.cluster.local 90%}. */
    @Override
    public String toString() {
        String name = clusterHeader().isEmpty() ? cluster() : "(header " + clusterHeader() + ")";
        return name + " " + ProtoValues.percentText(share);
    }
}
