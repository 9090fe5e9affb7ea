//! Sums that text and page both tell.

use habitat_layout::prediction::Prediction;

use super::Outlook;

/// The distraction distances of all paths without, with fixed and with adaptive masking: their mean, metres.
pub(super) fn mean_rd_m(prediction: &Prediction) -> [Option<f64>; 3] {
    core::array::from_fn(|masking| {
        let of_paths = prediction.paths.iter().filter_map(|path| path.figures[masking]);
        let distances: Vec<f64> = of_paths.filter_map(|figures| figures.rd_m).collect();
        (!distances.is_empty()).then(|| distances.iter().sum::<f64>() / distances.len() as f64)
    })
}

/// For each zone: the other zone that is understood best here without masking, and its STI in all three cases.
pub(super) fn clearest_into(outlook: &Outlook) -> Vec<Option<(usize, [f64; 3])>> {
    let mut clearest: Vec<Option<(usize, [f64; 3])>> = vec![None; outlook.site.plan.zones.len()];
    for (from, towards) in outlook.prediction.towards.iter().enumerate() {
        for there in towards {
            let is_clearer = |(_, sti): &(usize, [f64; 3])| there.sti[0] > sti[0];
            if clearest[there.zone].as_ref().is_none_or(is_clearer) {
                clearest[there.zone] = Some((from, there.sti));
            }
        }
    }
    clearest
}

/// Pairs of zones, talker first, the farthest distraction distance under fixed masking first.
pub(super) fn pairs_by_distance(prediction: &Prediction) -> Vec<(usize, usize, [Option<f64>; 3])> {
    let mut pairs: Vec<(usize, usize, [Option<f64>; 3])> = prediction
        .towards
        .iter()
        .enumerate()
        .flat_map(|(from, towards)| towards.iter().map(move |there| (from, there.zone, there.rd_m)))
        .collect();
    let far = |rd_m: &[Option<f64>; 3]| rd_m[1].unwrap_or(f64::INFINITY);
    pairs.sort_by(|one, other| {
        far(&other.2)
            .total_cmp(&far(&one.2))
            .then((one.0, one.1).cmp(&(other.0, other.1)))
    });
    pairs
}

/// The zone whose talker is understood at most places of other zones under fixed masking: the one to look at first.
pub(super) fn most_heard(outlook: &Outlook) -> Option<usize> {
    let reach = |zone: &usize| {
        let towards = &outlook.prediction.towards[*zone];
        towards.iter().map(|there| (there.sti[0] - 0.3).max(0.0)).sum::<f64>()
    };
    (0..outlook.site.plan.zones.len()).max_by(|one, other| reach(one).total_cmp(&reach(other)))
}
