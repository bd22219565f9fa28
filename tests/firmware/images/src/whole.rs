//! The images that make a call in one piece, through a window of 512 bytes, with a buffer for the reply.

/// The program of such an image: the way the call goes, and the answers to it.
#[macro_export]
macro_rules! whole_call {
    ($framing:path, $small:path, $large:path) => {
        use board::{Scratch, Work, finish, measure};
        use callcontainer::Reply;
        use callcontainer::client::{CallError, Cloud};
        use core::convert::Infallible;
        use images::Connection;

        #[unsafe(link_section = ".scratch")]
        static REPLY: Scratch<{ 96 * 1024 }> = Scratch::new();

        struct Made {
            reply: Result<Reply<'static>, CallError<Infallible>>,
            sent: &'static [u8],
            is_ready: bool,
        }

        fn call(answer: &'static [u8]) -> Option<Made> {
            // SAFETY: what was taken before has been looked at.
            let buffer = unsafe { REPLY.take() };
            let mut cloud = Cloud::<_, 512>::new(0);
            cloud.init(Connection::new(answer), $framing().ok()?);
            let reply = cloud.call(&images::call().ok()?, buffer);
            let is_ready = cloud.is_ready();
            Some(Made { reply, sent: cloud.take()?.sent()?, is_ready })
        }

        #[unsafe(link_section = ".check")]
        fn is_right(made: &Option<Made>, answer: &'static [u8]) -> bool {
            matches!(made, Some(Made { reply: Ok(reply), sent, is_ready })
                if images::is_answer(reply, sent, answer) & *is_ready)
        }

        #[unsafe(no_mangle)]
        extern "C" fn main() -> ! {
            finish(measure(&Work { run: call, is_right, small: $small(), large: $large() }))
        }
    };
}
