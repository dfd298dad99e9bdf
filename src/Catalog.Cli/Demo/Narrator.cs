using Catalog.Cli.Printing;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Catalog.Cli.Demo;

/// <summary>Tells the story on standard output; where that is kept for JSON, on standard error if a person reads it.</summary>
internal sealed class Narrator(Call call)
{
    private static readonly Style Heading = new(decoration: Decoration.Bold);
    private readonly Screen? _screen = (call.Screen.IsJson, call.Terminal.ErrorIsTerminal) switch
    {
        (false, _) => call.Screen,
        (true, true) => new Screen(call.Terminal with { Out = call.Terminal.Error, OutIsTerminal = true }, json: false),
        (true, false) => null,
    };

    private bool _begun;

    public void Chapter(string title)
    {
        if (_begun)
            _screen?.Render(new Text("\n"));
        _begun = true;
        _screen?.Render(new Text($"{title}\n", Heading));
    }

    /// <param name="text">One step, in a sentence.</param>
    /// <param name="before">It was done when the demo ran before.</param>
    public void Line(string text, bool before = false) => _screen?.Line($"  {text}{(before ? "  (done before)" : "")}".TrimEnd());

    public void Show(IRenderable content) => _screen?.Render(content);
}
