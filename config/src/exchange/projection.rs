//! Between degrees on the globe and metres on a floor.

/// Equatorial radius of WGS 84, metres.
const EQUATORIAL_M: f64 = 6_378_137.0;

/// First eccentricity of WGS 84, squared.
const ECCENTRICITY: f64 = 6.694_379_990_14e-3;

/// Where the corner (0, 0) of a plan is on the globe.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Origin {
    /// Degrees to the east of Greenwich.
    pub longitude: f64,
    /// Degrees to the north of the equator.
    pub latitude: f64,
}

/// A local equirectangular projection: metres to the east and to the north of an origin, by the radii of curvature of
/// WGS 84 there.
///
/// Away from the origin a degree of longitude is not quite as long any more. Up to 200 m from it and up to 65° north or
/// south a place is wrong by less than 2 cm, and distances within a floor of 50 m by less than 5 mm; a test holds it to
/// that. It does not turn the plan: north stays up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Projection {
    origin: Origin,
    /// Metres per degree to the east and to the north.
    scale_m: [f64; 2],
}

impl Projection {
    pub(super) fn about(origin: Origin) -> Self {
        let latitude = origin.latitude.to_radians();
        let flattening = 1.0 - ECCENTRICITY * latitude.sin().powi(2);
        let across_m = EQUATORIAL_M / flattening.sqrt();
        let along_m = EQUATORIAL_M * (1.0 - ECCENTRICITY) / flattening.powf(1.5);
        let degree = 1f64.to_radians();
        Self {
            origin,
            scale_m: [across_m * latitude.cos() * degree, along_m * degree],
        }
    }

    pub(super) fn to_metres(self, [longitude, latitude]: [f64; 2]) -> [f64; 2] {
        // The short way round, for a building at the date line.
        let east = (longitude - self.origin.longitude + 540.0).rem_euclid(360.0) - 180.0;
        [east * self.scale_m[0], (latitude - self.origin.latitude) * self.scale_m[1]]
    }

    pub(super) fn to_degrees(self, [x_m, y_m]: [f64; 2]) -> [f64; 2] {
        let longitude = self.origin.longitude + x_m / self.scale_m[0];
        let longitude = (longitude + 540.0).rem_euclid(360.0) - 180.0;
        // A ten-thousandth of a millimetre; more digits are noise.
        [longitude, self.origin.latitude + y_m / self.scale_m[1]].map(|degrees| (degrees * 1e12).round() / 1e12)
    }
}

#[cfg(test)]
mod tests {
    use geo::{Distance, Geodesic, Point};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn degrees_and_back_are_the_same_metres(
            longitude in -180.0..180.0f64, latitude in -80.0..80.0f64, x_m in -500.0..500.0f64, y_m in -500.0..500.0f64,
        ) {
            let projection = Projection::about(Origin { longitude, latitude });
            let [x, y] = projection.to_metres(projection.to_degrees([x_m, y_m]));
            prop_assert!((x - x_m).abs() < 1e-3 && (y - y_m).abs() < 1e-3);
        }

        #[test]
        fn distances_are_those_of_the_ellipsoid(
            longitude in -180.0..180.0f64, latitude in -65.0..65.0f64, from in prop::array::uniform2(-140.0..140.0f64),
            way in prop::array::uniform2(-35.0..35.0f64),
        ) {
            let projection = Projection::about(Origin { longitude, latitude });
            let place = |metres| Point::from(projection.to_degrees(metres));
            let to = [from[0] + way[0], from[1] + way[1]];
            let error_m = Geodesic.distance(place(from), place(to)) - way[0].hypot(way[1]);
            prop_assert!(error_m.abs() < 5e-3, "{error_m}");
            let from_origin_m = Geodesic.distance(place([0.0, 0.0]), place(from)) - from[0].hypot(from[1]);
            prop_assert!(from_origin_m.abs() < 0.02, "{from_origin_m}");
        }
    }
}
