//! Samples of wav files: bytes to numbers with full scale ±1.

use super::Order;

/// How samples are stored, with their byte order.
#[derive(Clone, Copy)]
pub(super) struct Encoding {
    kind: Kind,
    order: Order,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Integer,
    Float,
    ALaw,
    MuLaw,
}

#[allow(non_upper_case_globals, reason = "the names of the choices")]
impl Encoding {
    pub const Integer: Self = Self { kind: Kind::Integer, order: Order::Little };
    pub const Float: Self = Self { kind: Kind::Float, order: Order::Little };
    pub const ALaw: Self = Self { kind: Kind::ALaw, order: Order::Little };
    pub const MuLaw: Self = Self { kind: Kind::MuLaw, order: Order::Little };

    pub fn in_order(self, order: Order) -> Self {
        Self { order, ..self }
    }

    /// Returns the name: `uint8`, `int16`, `float32`, `mu-law`.
    pub fn name(self, width: usize) -> String {
        match self.kind {
            Kind::Integer if width == 1 => "uint8".to_owned(),
            Kind::Integer => format!("int{}", 8 * width),
            Kind::Float => format!("float{}", 8 * width),
            Kind::ALaw => "a-law".to_owned(),
            Kind::MuLaw => "mu-law".to_owned(),
        }
    }

    /// Whether `f32` cannot hold every value.
    pub fn is_wide(self, width: usize) -> bool {
        match self.kind {
            Kind::Integer => width > 3,
            Kind::Float => width == 8,
            Kind::ALaw | Kind::MuLaw => false,
        }
    }

    /// Returns the value of one step of the stored numbers.
    pub fn step(self, width: usize) -> f64 {
        match self.kind {
            Kind::Integer => 0.5f64.powi(8 * width as i32 - 1),
            Kind::Float => 1.0,
            Kind::ALaw | Kind::MuLaw => 0.5f64.powi(15),
        }
    }

    /// Returns the value of one sample.
    pub fn decode(self, bytes: &[u8]) -> f64 {
        let bits = self.order.number(bytes);
        match self.kind {
            Kind::Integer if bytes.len() == 1 => (bits as f64 - 128.0) / 128.0,
            Kind::Integer => {
                // Shifted to the top of 64 bits, any width has the same full scale.
                let top = (bits << (64 - 8 * bytes.len())) as i64;
                top as f64 / 9_223_372_036_854_775_808.0
            }
            Kind::Float if bytes.len() == 4 => f64::from(f32::from_bits(bits as u32)),
            Kind::Float => f64::from_bits(bits),
            Kind::ALaw => f64::from(a_law(bits as u8)) / 32768.0,
            Kind::MuLaw => f64::from(mu_law(bits as u8)) / 32768.0,
        }
    }
}

/// Returns the 16-bit sample of an A-law code.
fn a_law(code: u8) -> i32 {
    let code = code ^ 0x55;
    let segment = (code >> 4) & 7;
    let mantissa = i32::from(code & 15);
    let size = match segment {
        0 => (mantissa << 4) + 8,
        _ => ((mantissa << 4) + 0x108) << (segment - 1),
    };
    if code & 0x80 == 0 { -size } else { size }
}

/// Returns the 16-bit sample of a µ-law code.
fn mu_law(code: u8) -> i32 {
    const BIAS: i32 = 0x84;
    let code = !code;
    let size = ((i32::from(code & 15) << 3) + BIAS) << ((code >> 4) & 7);
    if code & 0x80 == 0 { size - BIAS } else { BIAS - size }
}
