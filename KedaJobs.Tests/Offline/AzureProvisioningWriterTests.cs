using Azure.Provisioning;
using Azure.Provisioning.Expressions;

namespace KedaJobs.Tests.Offline;

public class AzureProvisioningWriterTests
{
    [Theory]
    [InlineData("plain", "'plain'")]
    [InlineData("it's", @"'it\'s'")]
    [InlineData(@"back\slash", @"'back\\slash'")]
    [InlineData("${not} code", @"'\${not} code'")]
    [InlineData("two\nlines", @"'two\nlines'")]
    public void Text_is_escaped(string text, string expected) =>
        Assert.Equal(expected, new StringLiteralExpression(text).ToString());

    [Fact]
    public void Interpolation_keeps_values_apart_from_text()
    {
        var name = new ProvisioningParameter("namespaceName", typeof(string));

        var value = BicepFunction.Interpolate($"Endpoint=sb://{name}.servicebus.windows.net;{"It's"} {5}");

        Assert.Equal(@"'Endpoint=sb://${namespaceName}.servicebus.windows.net;It\'s 5'", value.ToString());
    }

    [Fact]
    public void Interpolation_of_text_alone_is_text()
    {
        var value = BicepFunction.Interpolate($"a{"b"}c");

        Assert.Equal("abc", value.Value);
    }

    [Fact]
    public void Formattable_strings_interpolate_like_handlers()
    {
        FormattableString text = $"{{braces}} and {new IdentifierExpression("x")}:{7:000}";

        Assert.Equal("'{braces} and ${x}:7'", BicepFunction.Interpolate(text).ToString());
    }

    [Fact]
    public void Objects_quote_only_the_keys_that_need_it()
    {
        var value = new ObjectExpression(
            new PropertyExpression("plain", 1),
            new PropertyExpression("aspire-resource-name", true),
            new PropertyExpression("'${id}'", new ObjectExpression()),
            new PropertyExpression("list", new ArrayExpression("a", new NullLiteralExpression())));

        Assert.Equal(
            """
            {
              plain: 1
              'aspire-resource-name': true
              '${id}': { }
              list: [
                'a'
                null
              ]
            }
            """, value.ToString());
    }

    [Fact]
    public void Operators_keep_their_grouping()
    {
        var x = new IdentifierExpression("x");
        var value = new ConditionalExpression(
            new BinaryExpression(new BinaryExpression(x, BinaryBicepOperator.Add, 1), BinaryBicepOperator.Multiply, 2),
            new MemberExpression(new IndexExpression(x, 0), "name"),
            new FunctionCallExpression(new IdentifierExpression("int"), "3"));

        Assert.Equal("(((x + 1) * 2) ? x[0].name : int('3'))", new MemberExpression(value, "y").ToString()[..^2]);
    }

    [Fact]
    public void Fractions_travel_as_json_and_durations_as_iso_8601()
    {
        Assert.Equal("json('0.25')", new BicepValue<double>(0.25).ToString());
        Assert.Equal("'PT1M30S'", new BicepValue<TimeSpan>(TimeSpan.FromSeconds(90)).ToString());
        Assert.Equal("9000000000", new BicepValue<long>(9_000_000_000).ToString());
    }

    [Fact]
    public void Parameters_show_description_secrecy_and_default()
    {
        var infrastructure = new Infrastructure();
        infrastructure.Add(new ProvisioningParameter("location", typeof(string))
        {
            Description = "Where.",
            Value = BicepFunction.GetResourceGroup().Location,
        });
        infrastructure.Add(new ProvisioningOutput("where", typeof(string)) { Value = new IdentifierExpression("location") });
        infrastructure.Add(new ProvisioningParameter("key", typeof(string)) { IsSecure = true });

        Assert.Equal(
            """
            @description('Where.')
            param location string = resourceGroup().location

            @secure()
            param key string

            output where string = location
            """, Text(infrastructure));
    }

    [Theory]
    [InlineData("worker-identity", "worker_identity")]
    [InlineData("1st.queue", "_1st_queue")]
    [InlineData("fine_1", "fine_1")]
    public void Identifiers_are_normalized(string name, string expected) =>
        Assert.Equal(expected, Infrastructure.NormalizeBicepIdentifier(name));

    [Fact]
    public void An_identifier_that_bicep_refuses_is_refused() =>
        Assert.Throws<ArgumentException>(() => new ProvisioningParameter("worker-identity", typeof(string)));

    private static string Text(Infrastructure infrastructure) => infrastructure.Build().Compile()["main.bicep"];
}
