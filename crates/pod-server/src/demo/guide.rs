//! What somebody is told who has just started a demo.

use pod_emulator::ADA_PASSWORD;

use super::world::World;

/// What there is, and what to do with it.
pub(super) fn demo(world: &World) -> String {
    let (skill, admin, outside) = (world.skill_url(), world.admin_url(), world.world_url());
    let base = skill.strip_suffix("/alexa").unwrap_or(skill);
    format!(
        "A pod is running on this machine, and the world around it. Open this in a browser:\n\
         \n\
         \x20 {base}/simulator/   an Echo, the owner's phone, and what happens between them\n\
         \x20 {base}/app/         the owner's orders: sign in as ada@example.com with {ADA_PASSWORD}\n\
         \n\
         What else there is:\n\
         \n\
         \x20 the API     {base}/api/openapi.json\n\
         \x20 the skill   {skill}, for signed requests only\n\
         \x20 operators   {admin}/metrics, /readyz, /livez\n\
         \x20 the world   {outside}, with an Echo, an inbox and an Auth0 tenant\n\
         \n\
         Or talk to Ada's Echo from another terminal, and look into her inbox:\n\
         \n\
         \x20 pod-server simulate --url {outside}\n\
         \x20 curl {outside}/echo -H 'content-type: application/json' \\\n\
         \x20      -d '{{\"utterance\": \"alexa, ask pizza on demand to get me a large pizza\"}}'\n\
         \x20 curl {outside}/inbox\n\
         \n\
         Ctrl-C stops it.\n\n"
    )
}

/// What can be typed at the prompt.
pub(super) const PROMPT: &str = "\
Type what you say to the Echo; what arrives by SMS or e-mail is shown as well. Begin with the
skill's name, as its customers do:

  alexa, ask pizza on demand to get me a large pizza with pepperoni and onions
  alexa, tell pizza on demand the code is 482913
  alexa, ask pizza on demand what is the status of my order
  alexa, open pizza on demand

{code} stands for the code of the newest message. /device NAME goes to another device: Ada's
kitchen, Grace's office, or the hallway, where no account is linked. /help shows this again,
and /quit ends the conversation.

";
