package dev.meshdx.envoy;

/**
 * Where a host is.
 *
 * @param region the region; empty where it is not known
 * @param zone the zone; empty where it is not known
 * @param subZone the part of the zone; empty where it is not known
 */
public record Locality(String region, String zone, String subZone) {
    /** {@code region/zone/subzone}, as far as known; empty where it is not. */
    @Override
    public String toString() {
        if (region.isEmpty()) {
            return "";
        }
        return zone.isEmpty() ? region : subZone.isEmpty() ? region + "/" + zone : region + "/" + zone + "/" + subZone;
    }
}
