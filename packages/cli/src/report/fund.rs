use crate::stress::StressResult;
pub fn render_stress(_: &StressResult) -> String {
    String::new()
}
