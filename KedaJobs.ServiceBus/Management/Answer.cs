using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace KedaJobs.ServiceBus.Management;

/// <summary>What a request is answered with.</summary>
internal sealed record Answer(int Status, string ContentType, string Content)
{
    /// <summary>Why the request was refused, or null.</summary>
    public string? Refusal { get; private init; }

    public static Answer Xml(int status, XElement element) =>
        new(status, "application/atom+xml;type=entry;charset=utf-8", element.ToString(SaveOptions.DisableFormatting));

    public static Answer Text(string text) => new(200, "text/plain", text);

    public static Answer Empty() => new(200, "application/xml", "");

    /// <summary>Clients show the detail as the error's message.</summary>
    public static Answer Error(int status, string detail) => new(
        status,
        "application/xml; charset=utf-8",
        new XElement("Error", new XElement("Code", status), new XElement("Detail", Printable(detail)))
            .ToString(SaveOptions.DisableFormatting))
    {
        Refusal = detail,
    };

    /// <summary>Paths and headers may hold what XML cannot.</summary>
    private static string Printable(string text) =>
        text.All(XmlConvert.IsXmlChar) ? text : string.Concat(text.Select(character => XmlConvert.IsXmlChar(character) ? character : '?'));

    public async Task WriteAsync(HttpResponse response)
    {
        var bytes = Encoding.UTF8.GetBytes(Content);
        response.StatusCode = Status;
        response.ContentLength = bytes.Length;
        if (bytes.Length > 0)
        {
            response.ContentType = ContentType;
            await response.Body.WriteAsync(bytes, response.HttpContext.RequestAborted).ConfigureAwait(false);
        }
    }
}
